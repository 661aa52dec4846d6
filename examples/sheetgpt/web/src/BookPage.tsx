// A workbook: grid and formula bar, its sheets, and beside it the chat, the history, the people.

import { useEffect, useState } from 'react'
import * as api from './api'
import { Chat } from './Chat'
import { Grid } from './Grid'
import { History } from './History'
import { People } from './People'
import { useSheet } from './useSheet'

const PANELS = ['Chat', 'History', 'People'] as const

export function BookPage({ id, user, fail }: { id: number; user: api.User; fail: (error: unknown) => void }) {
  const [book, setBook] = useState<api.BookDetail>()
  const [chosen, setSheet] = useState('')
  const [panel, setPanel] = useState<(typeof PANELS)[number]>('Chat')
  useEffect(() => { api.book(id).then(setBook, fail) }, [id, fail])
  const first = book?.sheets[0]?.name ?? ''
  const sheet = useSheet(id, chosen || first, fail)
  if (!book) return <main className="page" aria-busy="true"><h1 className="unseen">Workbook</h1></main>
  const names = sheet.names.length ? sheet.names : book.sheets.map(row => row.name)
  const name = names.includes(chosen) ? chosen : names[0]!
  if (name !== (chosen || first)) setTimeout(() => setSheet(name))

  const addSheet = () => {
    const asked = prompt('Name of the new sheet', `Sheet${names.length + 1}`)?.trim()
    if (asked) sheet.change([{ do: 'add_sheet', sheet: asked }]).then(() => setSheet(asked), fail)
  }

  return <main className="book">
    <section className="sheet" aria-label="Spreadsheet">
      <div className="row tools">
        <h1>{book.name}</h1>
        <button onClick={() => sheet.reverse('undo').catch(fail)} title="Ctrl+Z">Undo</button>
        <button onClick={() => sheet.reverse('redo').catch(fail)} title="Ctrl+Y">Redo</button>
        <span className="grow" />
        <button onClick={() => api.download(id, 'xlsx', book.name).catch(fail)}>Download .xlsx</button>
        <button onClick={() => api.download(id, 'csv', name, name).catch(fail)}>Download .csv</button>
      </div>
      <Grid key={name} book={id} name={name} sheet={sheet} me={user.email} fail={fail} />
      <nav className="row tabs" aria-label="Sheets">
        {names.map(each => <button key={each} aria-current={each === name ? 'page' : undefined} onClick={() => setSheet(each)}>{each}</button>)}
        <button onClick={addSheet} aria-label="Add a sheet">+</button>
      </nav>
    </section>
    <aside className="side">
      <div className="row tabs" role="tablist" aria-label="Beside the sheet">
        {PANELS.map(each => <button key={each} role="tab" id={`tab-${each}`} aria-controls="panel" aria-selected={each === panel} onClick={() => setPanel(each)}>{each}</button>)}
      </div>
      <div id="panel" className="panel" role="tabpanel" aria-labelledby={`tab-${panel}`}>
        {panel === 'Chat' && <Chat book={id} changed={sheet.reload} fail={fail} />}
        {panel === 'History' && <History book={id} seq={sheet.seq} fail={fail} />}
        {panel === 'People' && <People book={book} guests={sheet.guests} fail={fail} invited={() => api.book(id).then(setBook, fail)} />}
      </div>
    </aside>
  </main>
}
