// The workbooks: create, import, open, rename, delete.

import { useCallback, useEffect, useRef, useState } from 'react'
import * as api from './api'

const open = (id: number) => { location.hash = `#/book/${id}` }

export function Books({ fail }: { fail: (error: unknown) => void }) {
  const [books, setBooks] = useState<api.Book[]>()
  const [busy, setBusy] = useState(false)
  const file = useRef<HTMLInputElement>(null)
  const load = useCallback(() => { api.books().then(setBooks, fail) }, [fail])
  useEffect(load, [load])

  async function during(work: Promise<unknown>) {
    setBusy(true)
    await work.catch(fail)
    setBusy(false)
    load()
  }

  const rename = (book: api.Book) => {
    const name = prompt('Name of the workbook', book.name)?.trim()
    if (name) void during(api.renameBook(book.id, name))
  }
  const remove = (book: api.Book) => {
    if (confirm(`Delete "${book.name}" and its history? This cannot be undone.`)) void during(api.deleteBook(book.id))
  }

  return <main className="page">
    <h1>Workbooks</h1>
    <p className="row">
      <button className="main" disabled={busy} onClick={() => void during(api.createBook('Untitled').then(made => open(made.id)))}>
        New workbook
      </button>
      <button disabled={busy} onClick={() => file.current?.click()}>{busy ? 'Working…' : 'Import .xlsx or .csv'}</button>
      <input ref={file} type="file" accept=".xlsx,.csv" hidden aria-label="File to import"
        onChange={event => {
          const chosen = event.target.files?.[0]
          if (chosen) void during(api.importFile(chosen).then(made => open(made.id)))
          event.target.value = ''
        }} />
    </p>
    {books?.length === 0 && <p>There is none yet. Create one, or import a file.</p>}
    {books && books.length > 0 && <table className="list">
      <thead><tr><th>Name</th><th>Changed</th><th><span className="unseen">Actions</span></th></tr></thead>
      <tbody>{books.map(book => <tr key={book.id}>
        <td><a href={`#/book/${book.id}`}>{book.name}</a>{!book.owned && <small> shared with you</small>}</td>
        <td>{new Date(book.updated_at).toLocaleString()}</td>
        <td className="row end">{book.owned && <>
          <button onClick={() => rename(book)} aria-label={`Rename ${book.name}`}>Rename</button>
          <button onClick={() => remove(book)} aria-label={`Delete ${book.name}`}>Delete</button>
        </>}</td>
      </tr>)}</tbody>
    </table>}
  </main>
}
