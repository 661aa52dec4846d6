import { useEffect, useState } from 'react'
import * as api from './api'
import { address } from './addresses'

interface Props { book: number; seq: number; fail: (error: unknown) => void }

export function History({ book, seq, fail }: Props) {
  const [changes, setChanges] = useState<api.Change[]>()
  useEffect(() => { api.history(book).then(setChanges, fail) }, [book, seq, fail])
  if (changes?.length === 0) return <p className="hint">Nothing was changed yet.</p>
  return <ol className="history">{changes?.map(change => <li key={change.seq}>
    <strong>{change.why || what(change)}</strong>
    <small>{change.by}, {new Date(change.at).toLocaleString()}</small>
  </li>)}</ol>
}

function what({ operations }: api.Change): string {
  const first = operations[0]!
  if (first.do !== 'set') return `${first.do.replace('_', ' ')} (${first.sheet})`
  const cells = first.cells as { row: number; column: number; input: unknown }[]
  const { row, column, input } = cells[0]!
  const more = cells.length > 1 ? ` and ${cells.length - 1} more` : ''
  return `${address(row, column)} = ${input === null ? '(empty)' : String(input).slice(0, 60)}${more}`
}
