import { useState } from 'react'
import * as api from './api'

export function Login({ entered }: { entered: () => Promise<void> }) {
  const [isNew, setNew] = useState(false)
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)

  async function submit(form: FormData) {
    const [email, password] = [String(form.get('email')), String(form.get('password'))]
    setBusy(true)
    try {
      if (isNew) await api.register(email, password)
      await api.logIn(email, password)
      await entered()
    } catch (error) {
      setProblem((error as Error).message)
    } finally {
      setBusy(false)
    }
  }

  return <main className="page narrow">
    <h1>SheetGPT</h1>
    <p>A spreadsheet you can talk to.</p>
    <form onSubmit={event => { event.preventDefault(); void submit(new FormData(event.currentTarget)) }}>
      <label>E-mail address <input name="email" type="email" autoComplete="username" required autoFocus /></label>
      <label>Password
        <input name="password" type="password" required minLength={isNew ? 10 : 1}
          autoComplete={isNew ? 'new-password' : 'current-password'} />
      </label>
      {isNew && <p className="hint">At least ten characters.</p>}
      {problem && <p className="problem" role="alert">{problem}</p>}
      <button className="main" disabled={busy}>{isNew ? 'Create the account' : 'Log in'}</button>
    </form>
    <button className="link" onClick={() => { setNew(!isNew); setProblem('') }}>
      {isNew ? 'I have an account' : 'Create an account'}
    </button>
  </main>
}
