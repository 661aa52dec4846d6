// The grid and the formula bar. Values come from the server; what is typed goes there.

import { useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { DataGrid, type CellKeyboardEvent, type CellKeyDownArgs, type Column, type DataGridHandle, type RenderCellProps, type RenderEditCellProps } from 'react-data-grid'
import * as api from './api'
import { address, fields, letters } from './addresses'
import type { Sheet } from './useSheet'

interface Row { number: number }
interface Place { row: number; column: number }
const HEIGHT = 28
const PASTE = 20_000 // cells, of one change

interface Props { book: number; name: string; sheet: Sheet; me: string; fail: (error: unknown) => void }

export function Grid({ book, name, sheet, me, fail }: Props) {
  const grid = useRef<DataGridHandle>(null)
  const typing = useRef(false) // what was typed replaces a cell's content; Enter and F2 edit it
  const [place, setPlace] = useState<Place>({ row: 1, column: 1 })
  const current = sheet.cell(place.row, place.column)
  const columns = Math.min(100, Math.max(26, sheet.extent.columns + 5))
  const count = Math.max(100, sheet.extent.rows + 50)
  const rows = useMemo(() => Array.from({ length: count }, (_, index): Row => ({ number: index + 1 })), [count])

  const put = (cells: { row: number; column: number; input: string | null }[]) =>
    sheet.change([{ do: 'set', sheet: name, cells }]).catch(fail)
  const guests = sheet.guests.filter(guest => guest.sheet === name && guest.email !== me)
  const shown = useColumns({ columns, sheet, guests: new Map(guests.map(guest => [guest.cell, guest.email])), put, typing })

  useEffect(() => sheet.show(1, 60), [])
  useEffect(() => {
    const soon = setTimeout(() => api.present(book, name, address(place.row, place.column)).catch(() => undefined), 300)
    return () => clearTimeout(soon)
  }, [book, name, place])

  const format = (given: Record<string, unknown>) => sheet.change([{
    do: 'format', sheet: name, ...given,
    area: { top: place.row, left: place.column, bottom: place.row, right: place.column },
  }]).catch(fail)
  const lines = (kind: string, at: number) => sheet.change([{ do: kind, sheet: name, at }]).catch(fail)

  function key(args: CellKeyDownArgs<Row>, event: CellKeyboardEvent) {
    if (args.mode === 'EDIT') {
      // As in other spreadsheets: Enter goes on below, Shift+Enter above.
      if (event.key === 'Enter') setTimeout(() => grid.current?.setActivePosition({
        idx: place.column, rowIdx: Math.max(0, place.row - 1 + (event.shiftKey ? -1 : 1)),
      }))
      return
    }
    typing.current = event.key.length === 1
    const letter = event.key.toLowerCase()
    const control = event.ctrlKey || event.metaKey
    if (event.key === 'Delete' || event.key === 'Backspace') void put([{ ...place, input: null }])
    else if (control && letter === 'z') void sheet.reverse(event.shiftKey ? 'redo' : 'undo').catch(fail)
    else if (control && letter === 'y') void sheet.reverse('redo').catch(fail)
    else if (control && letter === 'b') void format({ bold: !current?.bold })
    else if (control && letter === 'i') void format({ italic: !current?.italic })
    else return
    event.preventGridDefault()
    event.preventDefault()
  }

  function paste(text: string) {
    const found = fields(text)
    const cells = found.flatMap((row, y) => row.map((input, x) =>
      ({ row: place.row + y, column: place.column + x, input })))
    if (cells.length > PASTE) return fail(new Error(`Paste at most ${PASTE} cells at once; import larger tables as a file.`))
    void put(cells)
  }

  return <>
    <div className="row formula">
      <output aria-label="Cell">{address(place.row, place.column)}</output>
      <FormulaBar key={`${place.row},${place.column},${current?.input ?? current?.value ?? ''}`}
        text={current?.input ?? current?.value ?? ''}
        enter={text => { void put([{ ...place, input: text }]); grid.current?.element?.focus() }} />
      <button aria-pressed={current?.bold ?? false} onClick={() => void format({ bold: !current?.bold })}>Bold</button>
      <button onClick={() => void format({ number: '0%' })} aria-label="Show as a percentage">%</button>
      <button onClick={() => void format({ number: '#,##0.00' })} aria-label="Show two decimals">.00</button>
      <button onClick={() => void lines('insert_rows', place.row)}>Insert row</button>
      <button onClick={() => void lines('delete_rows', place.row)}>Delete row</button>
      <button onClick={() => void lines('insert_columns', place.column)}>Insert column</button>
      <button onClick={() => void lines('delete_columns', place.column)}>Delete column</button>
    </div>
    <div className="grid" onPaste={event => {
      if (event.target instanceof HTMLInputElement) return
      paste(event.clipboardData.getData('text/plain'))
      event.preventDefault()
    }}>
      <DataGrid ref={grid} aria-label={`Sheet ${name}`} className="fill rdg-auto" columns={shown} rows={rows} rowHeight={HEIGHT}
        rowKeyGetter={row => row.number}
        onCellKeyDown={key}
        onCellCopy={(_, event) => {
          event.clipboardData.setData('text/plain', current?.value ?? '')
          event.preventDefault()
        }}
        onActivePositionChange={args => {
          if (args.row && args.column && args.column.idx > 0) setPlace({ row: args.row.number, column: args.column.idx })
        }}
        onScroll={event => {
          const first = Math.floor(event.currentTarget.scrollTop / HEIGHT) + 1
          sheet.show(first, Math.min(count, first + Math.ceil(event.currentTarget.clientHeight / HEIGHT)))
        }} />
    </div>
  </>
}

function FormulaBar({ text, enter }: { text: string; enter: (text: string) => void }) {
  return <form className="grow" onSubmit={event => {
    event.preventDefault()
    enter(String(new FormData(event.currentTarget).get('text')))
  }}>
    <input name="text" defaultValue={text} aria-label="Content of the cell" autoComplete="off" spellCheck={false} />
  </form>
}

interface Wanted {
  columns: number; sheet: Sheet; guests: Map<string, string>
  put: (cells: { row: number; column: number; input: string | null }[]) => Promise<void>
  typing: RefObject<boolean>
}

function useColumns({ columns, sheet, guests, put, typing }: Wanted): Column<Row>[] {
  const latest = useRef({ sheet, guests, put })
  latest.current = { sheet, guests, put }
  // Made anew with each answer of the server: the grid draws its cells again by it.
  return useMemo(() => [
    { key: '#', name: '', width: 72, frozen: true, cellClass: 'row-number', renderCell: ({ row }: RenderCellProps<Row>) => row.number },
    ...Array.from({ length: columns }, (_, index): Column<Row> => {
      const column = index + 1
      return {
        key: String(column), name: letters(column), width: 110, resizable: true,
        editorOptions: { commitOnOutsideClick: true },
        renderCell: ({ row }) => <Shown cell={latest.current.sheet.cell(row.number, column)}
          guest={latest.current.guests.get(address(row.number, column))} />,
        renderEditCell: props => <Editor {...props} start={latest.current.sheet.cell(props.row.number, column)}
          replace={typing.current} done={input => void latest.current.put([{ row: props.row.number, column, input }])} />,
      }
    }),
  ], [columns, sheet, typing])
}

function Shown({ cell, guest }: { cell: api.Cell | undefined; guest: string | undefined }) {
  const side = cell?.align ?? (cell?.kind === 'number' ? 'right' : cell?.kind === 'boolean' ? 'center' : 'left')
  return <div className={`cell ${cell?.kind ?? ''} ${guest ? 'guest' : ''}`} title={guest} style={{
    textAlign: side, fontWeight: cell?.bold ? 700 : undefined, fontStyle: cell?.italic ? 'italic' : undefined,
    color: cell?.color ?? (cell?.fill ? '#111' : undefined), backgroundColor: cell?.fill,
  }}>{cell?.value}</div>
}

type Editing = RenderEditCellProps<Row> & { start: api.Cell | undefined; replace: boolean; done: (input: string) => void }

function Editor({ start, replace, done, onClose }: Editing) {
  const before = start?.input ?? start?.value ?? ''
  const [text, setText] = useState(replace ? '' : before)
  const cancelled = useRef(false)
  const written = useRef(false)
  const finish = (value: string) => {
    if (cancelled.current || written.current || value === before) return
    written.current = true
    done(value)
  }
  return <input className="editor" autoFocus aria-label="Cell" value={text} spellCheck={false}
    onChange={event => setText(event.target.value)}
    onKeyDown={event => {
      if (event.key === 'Escape') cancelled.current = true
      if (event.key === 'Enter' || event.key === 'Tab') finish(text)
    }}
    onBlur={event => { finish(event.target.value); onClose(false, false) }} />
}
