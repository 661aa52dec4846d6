// The chat beside a workbook. An answer proposes changes; nothing happens until they are accepted.

import { useRef, useState } from 'react'
import * as api from './api'
import { COMPLETE } from './events'

interface Said { role: 'user' | 'assistant'; text: string; message?: number; parts: api.Part[]; problem?: string; data?: number }
interface Props { book: number; changed: () => void; fail: (error: unknown) => void }
interface Event { text?: string; message_id?: number; proposals?: api.Part[]; error?: string; warning?: string; data_id?: number }

export function Chat({ book, changed, fail }: Props) {
  const [said, setSaid] = useState<Said[]>([])
  const [busy, setBusy] = useState(false)
  const conversation = useRef<number>(0)
  const update = (change: (last: Said) => Said) =>
    setSaid(before => [...before.slice(0, -1), change(before.at(-1)!)])

  async function ask(content: string) {
    setBusy(true)
    setSaid(before => [...before, { role: 'user', text: content, parts: [] }, { role: 'assistant', text: '', parts: [] }])
    try {
      conversation.current ||= (await api.startConversation(content.slice(0, 80))).id
      for await (const event of api.ask(conversation.current, content, book)) {
        if (event !== COMPLETE) update(last => taken(last, event as Event))
      }
    } catch (error) {
      update(last => ({ ...last, problem: (error as Error).message }))
    }
    setBusy(false)
  }

  async function decide(place: number, accept: number[], decline: number[]) {
    try {
      const parts = (await api.decide(said[place]!.message!, accept, decline)).proposals
      setSaid(before => before.map((each, index) => index === place ? { ...each, parts } : each))
      changed()
    } catch (error) {
      fail(error)
    }
  }

  return <div className="chat">
    <ol aria-live="polite" aria-label="Conversation">
      {said.length === 0 && <li className="hint">Ask about the sheet, or say what to change: “add the total of column B”.</li>}
      {said.map((each, place) => <li key={place} className={each.role}>
        <p>{each.text || (busy && place === said.length - 1 ? '…' : '')}</p>
        {each.problem && <p className="problem" role="alert">{each.problem}</p>}
        {each.data && <p><a href={`#/book/${each.data}`}>Open the table</a></p>}
        {each.parts.length > 0 && <Proposal parts={each.parts} decide={(accept, decline) => void decide(place, accept, decline)} />}
      </li>)}
    </ol>
    <form className="row" onSubmit={event => {
      event.preventDefault()
      const text = String(new FormData(event.currentTarget).get('question')).trim()
      event.currentTarget.reset()
      if (text) void ask(text)
    }}>
      <input name="question" className="grow" aria-label="Message" placeholder="Ask or tell" autoComplete="off" />
      <button className="main" disabled={busy}>Send</button>
    </form>
  </div>
}

function taken(last: Said, event: Event): Said {
  if (event.text !== undefined) return { ...last, text: last.text + event.text }
  if (event.data_id) return { ...last, data: event.data_id }
  const problem = event.error ?? event.warning
  if (problem) return { ...last, problem }
  return { ...last, message: event.message_id, parts: event.proposals ?? [] }
}

function Proposal({ parts, decide }: { parts: api.Part[]; decide: (accept: number[], decline: number[]) => void }) {
  const open = parts.flatMap((part, place) => part.state === 'open' ? [place] : [])
  const [out, setOut] = useState<number[]>([])
  const chosen = open.filter(place => !out.includes(place))
  return <div className="proposal" role="group" aria-label="Proposed changes">
    <p><strong>{parts[0]!.why || 'Proposed changes'}</strong></p>
    {parts.map((part, place) => <div key={place} className="part">
      {part.state === 'open'
        ? <label><input type="checkbox" checked={!out.includes(place)} onChange={event =>
          setOut(event.target.checked ? out.filter(each => each !== place) : [...out, place])} /> {summary(part)}</label>
        : <span>{part.state === 'accepted' ? '✓' : '✗'} {summary(part)} <em>{part.state}</em></span>}
      {part.before && <table><thead><tr><th>Cell</th><th>Now</th><th>Then</th></tr></thead><tbody>
        {Object.entries(part.before).slice(0, 12).map(([cell, before], index) => <tr key={cell}>
          <th>{cell}</th><td>{before || '–'}</td><td>{String((part.operation.cells as { input: unknown }[])[index]?.input ?? '–')}</td>
        </tr>)}
      </tbody></table>}
    </div>)}
    {open.length > 0 && <p className="row">
      <button className="main" disabled={chosen.length === 0} onClick={() => decide(chosen, open.filter(place => out.includes(place)))}>
        {chosen.length === open.length ? 'Accept' : `Accept ${chosen.length} of ${open.length}`}
      </button>
      <button onClick={() => decide([], open)}>Decline</button>
    </p>}
  </div>
}

function summary({ operation }: api.Part): string {
  const found = operation as Record<string, unknown> & { do: string; sheet: string }
  const cells = (found.cells as unknown[] | undefined)?.length
  const words: Record<string, string> = {
    set: `Fill ${cells} cell${cells === 1 ? '' : 's'} of ${found.sheet}`,
    format: `Format cells of ${found.sheet}`, sort: `Sort rows of ${found.sheet}`,
    add_sheet: `Add the sheet ${found.sheet}`, delete_sheet: `Delete the sheet ${found.sheet}`,
    rename_sheet: `Rename ${found.sheet} to ${String(found.to)}`,
  }
  return words[found.do] ?? `${found.do.replace('_', ' ')} at ${String(found.at)} of ${found.sheet}`
}
