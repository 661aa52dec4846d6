// The API: one access token in memory, renewed by the session's cookie.

import { events } from './events'

export interface User { id: number; email: string; is_admin: boolean }
export interface Book { id: number; name: string; seq: number; owned: boolean; updated_at: string }
export interface SheetInfo { name: string; rows: number; columns: number }
export interface Member { id: number; email: string; may_edit: boolean }
export interface BookDetail extends Book { sheets: SheetInfo[]; members: Member[] }
export interface Cell {
  row: number; column: number; value: string; input?: string; kind: string
  bold?: boolean; italic?: boolean; color?: string; fill?: string; align?: 'left' | 'center' | 'right'
}
export interface Window { seq: number; rows: number; columns: number; cells: Cell[] }
export type Operation = Record<string, unknown> & { do: string; sheet: string }
export interface Part {
  operation: Operation; before?: Record<string, string>; why: string
  state: 'open' | 'accepted' | 'declined'
}
export interface Message {
  id: number; role: 'user' | 'assistant'; content: string
  meta_data: { proposals?: Part[]; error?: string }
}
export interface Change { seq: number; kind: string; why: string; by: string; at: string; operations: Operation[] }

export class ApiError extends Error {
  constructor(readonly status: number, message: string) { super(message) }
}

const BASE = '/api/v1'
const SESSION = 'sheetgpt-session' // set while there may be a session; its token is a cookie
let token = ''

async function send(path: string, init: RequestInit = {}, again = true): Promise<Response> {
  const headers = new Headers(init.headers)
  if (token) headers.set('authorization', `Bearer ${token}`)
  if (typeof init.body === 'string') headers.set('content-type', 'application/json')
  const answer = await fetch(BASE + path, { ...init, headers }).catch(() => {
    throw new ApiError(0, 'The server cannot be reached. What you typed is not saved yet.')
  })
  if (answer.status === 401 && again && !path.startsWith('/auth/') && await renew()) {
    return send(path, init, false)
  }
  if (!answer.ok) throw new ApiError(answer.status, await words(answer))
  return answer
}

async function words(answer: Response): Promise<string> {
  const found = await answer.json().catch(() => null) as { detail?: unknown } | null
  if (typeof found?.detail === 'string') return found.detail
  if (Array.isArray(found?.detail)) {
    return found.detail.map((row: { msg?: string }) => row.msg ?? '').join('; ')
  }
  return `The server answered ${answer.status}.`
}

const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await send(path, { method, body: body === undefined ? undefined : JSON.stringify(body) })
  return (answer.status === 204 ? undefined : await answer.json()) as T
}

let renewing: Promise<boolean> | null = null

/** Get a new access token by the session's cookie; at most one request at a time, as it is used up. */
export function renew(): Promise<boolean> {
  if (!localStorage.getItem(SESSION)) return Promise.resolve(false)
  renewing ??= call<{ access_token: string }>('POST', '/auth/refresh')
    .then(found => { token = found.access_token; return true }, () => false)
    .finally(() => { renewing = null })
  return renewing
}

export async function logIn(email: string, password: string): Promise<void> {
  token = (await call<{ access_token: string }>('POST', '/auth/login', { email, password })).access_token
  localStorage.setItem(SESSION, '1')
}

export async function logOut(): Promise<void> {
  await call('POST', '/auth/logout').catch(() => undefined)
  localStorage.removeItem(SESSION)
  token = ''
}

export const register = (email: string, password: string) =>
  call<User>('POST', '/auth/register', { email, password })
export const me = () => call<User>('GET', '/auth/me')
export const books = () => call<Book[]>('GET', '/workbooks')
export const book = (id: number) => call<BookDetail>('GET', `/workbooks/${id}`)
export const createBook = (name: string) => call<Book>('POST', '/workbooks', { name })
export const renameBook = (id: number, name: string) => call<Book>('PATCH', `/workbooks/${id}`, { name })
export const deleteBook = (id: number) => call<void>('DELETE', `/workbooks/${id}`)
export const cells = (id: number, sheet: string, range: string) =>
  call<Window>('GET', `/workbooks/${id}/cells?${new URLSearchParams({ sheet, range })}`)
export const change = (id: number, operations: Operation[], base: number, why = '') =>
  call<{ seq: number }>('POST', `/workbooks/${id}/changes`, { operations, base, why })
export const undo = (id: number) => call<{ seq: number }>('POST', `/workbooks/${id}/undo`)
export const redo = (id: number) => call<{ seq: number }>('POST', `/workbooks/${id}/redo`)
export const history = (id: number) => call<Change[]>('GET', `/workbooks/${id}/history`)
export const invite = (id: number, email: string) => call<void>('PUT', `/workbooks/${id}/members`, { email })
export const present = (id: number, sheet: string, cell: string) =>
  call<void>('PUT', `/workbooks/${id}/presence`, { sheet, cell })
export const startConversation = (title: string) =>
  call<{ id: number }>('POST', '/chat/conversations', { title })
export const decide = (message: number, accept: number[], decline: number[]) =>
  call<{ proposals: Part[] }>('POST', `/chat/messages/${message}/decision`, { accept, decline })

export async function importFile(file: File): Promise<Book> {
  const body = new FormData()
  body.append('file', file)
  return await (await send('/workbooks/import', { method: 'POST', body })).json() as Book
}

export async function download(id: number, kind: 'xlsx' | 'csv', name: string, sheet = ''): Promise<void> {
  const answer = await send(`/workbooks/${id}/file.${kind}?${new URLSearchParams({ sheet })}`)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = `${name}.${kind}`
  link.click()
  URL.revokeObjectURL(link.href)
}

export async function* ask(conversation: number, content: string, workbook: number) {
  const body = JSON.stringify({ content, workbook_id: workbook })
  const answer = await send(`/chat/conversations/${conversation}/messages`, { method: 'POST', body })
  yield* events(answer.body!)
}

export async function* watch(id: number, signal: AbortSignal) {
  const answer = await send(`/workbooks/${id}/events`, { signal })
  yield* events(answer.body!)
}
