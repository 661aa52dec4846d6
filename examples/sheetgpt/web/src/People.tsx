import * as api from './api'
import type { Guest } from './useSheet'

interface Props { book: api.BookDetail; guests: Guest[]; invited: () => void; fail: (error: unknown) => void }

export function People({ book, guests, invited, fail }: Props) {
  return <>
    <h2>Here now</h2>
    <ul>{guests.map(guest => <li key={guest.email}>{guest.email}, at {guest.sheet}!{guest.cell}</li>)}</ul>
    <h2>May open this workbook</h2>
    <ul>{book.members.map(member => <li key={member.id}>{member.email}{member.may_edit ? '' : ' (reads)'}</li>)}</ul>
    {book.owned && <form className="row" onSubmit={event => {
      event.preventDefault()
      const form = event.currentTarget
      api.invite(book.id, String(new FormData(form).get('email'))).then(() => { form.reset(); invited() }, fail)
    }}>
      <input name="email" type="email" required className="grow" aria-label="E-mail address to invite" placeholder="E-mail address" />
      <button className="main">Invite</button>
    </form>}
  </>
}
