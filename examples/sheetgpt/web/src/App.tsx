// Who is logged in, and which page they look at: #/ the workbooks, #/book/7 one of them.

import { useCallback, useEffect, useState } from 'react'
import * as api from './api'
import { BookPage } from './BookPage'
import { Books } from './Books'
import { Login } from './Login'

const bookInAddress = () => Number(/^#\/book\/(\d+)$/.exec(location.hash)?.[1] ?? 0)

export function App() {
  const [user, setUser] = useState<api.User | null>()
  const [book, setBook] = useState(bookInAddress)
  const [problem, setProblem] = useState('')

  const enter = useCallback(() => api.me().then(setUser, () => setUser(null)), [])
  const fail = useCallback((error: unknown) => {
    if (error instanceof api.ApiError && error.status === 401) setUser(null)
    setProblem(error instanceof Error ? error.message : String(error))
  }, [])

  useEffect(() => { void api.renew().then(done => done ? enter() : setUser(null)) }, [enter])
  useEffect(() => {
    const look = () => { setBook(bookInAddress()); setProblem('') }
    addEventListener('hashchange', look)
    return () => removeEventListener('hashchange', look)
  }, [])

  if (user === undefined) return <main className="page" aria-busy="true"><h1>SheetGPT</h1></main>
  if (user === null) return <Login entered={enter} />
  return <>
    <header className="bar">
      <a href="#/" className="brand">SheetGPT</a>
      <span className="grow" />
      <span className="who">{user.email}</span>
      <button onClick={() => void api.logOut().then(() => setUser(null))}>Log out</button>
    </header>
    {problem && <p className="problem" role="alert">
      {problem} <button onClick={() => setProblem('')} aria-label="Close this message">×</button>
    </p>}
    {book ? <BookPage key={book} id={book} user={user} fail={fail} /> : <Books fail={fail} />}
  </>
}
