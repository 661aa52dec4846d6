// A sheet's cells in the browser: loaded in bands of rows, loaded again when anybody changes them.

import { useCallback, useEffect, useRef, useState } from 'react'
import * as api from './api'
import { letters } from './addresses'

const BAND = 200 // rows of a request
const MOST_COLUMNS = 100 // a request has at most 20,000 cells

export interface Extent { rows: number; columns: number }
export interface Guest { email: string; sheet: string; cell: string; at: number }

export interface Sheet {
  cell: (row: number, column: number) => api.Cell | undefined
  extent: Extent
  seq: number
  guests: Guest[]
  names: string[]
  show: (first: number, last: number) => void
  change: (operations: api.Operation[], why?: string) => Promise<void>
  reverse: (kind: 'undo' | 'redo') => Promise<void>
  reload: () => void
}

export function useSheet(book: number, sheet: string, fail: (error: unknown) => void): Sheet {
  const bands = useRef(new Map<number, Map<string, api.Cell>>())
  const wanted = useRef<[number, number]>([0, 0])
  const seq = useRef(0)
  const [extent, setExtent] = useState<Extent>({ rows: 0, columns: 0 })
  const [guests, setGuests] = useState<Guest[]>([])
  const [names, setNames] = useState<string[]>([])
  const [, redraw] = useState(0)

  const load = useCallback(async (band: number) => {
    if (!sheet) return // its name is not known yet
    const first = band * BAND + 1
    const range = `A${first}:${letters(MOST_COLUMNS)}${first + BAND - 1}`
    const found = await api.cells(book, sheet, range)
    if (found.seq < seq.current) return // another request, begun later, has answered already
    seq.current = found.seq
    bands.current.set(band, new Map(found.cells.map(cell => [`${cell.row},${cell.column}`, cell])))
    setExtent({ rows: found.rows, columns: found.columns })
    redraw(n => n + 1)
  }, [book, sheet])

  const loadShown = useCallback((all: boolean) => {
    const [first, last] = wanted.current
    if (all) for (const band of bands.current.keys()) if (band < first || band > last) bands.current.delete(band)
    for (let band = first; band <= last; band += 1) {
      if (all || !bands.current.has(band)) load(band).catch(fail)
    }
  }, [load, fail])

  useEffect(() => {
    bands.current.clear()
    seq.current = 0
    loadShown(true)
  }, [loadShown])

  const readNames = useCallback(() => {
    api.book(book).then(found => setNames(found.sheets.map(row => row.name)), fail)
  }, [book, fail])

  useEffect(readNames, [readNames])

  useEffect(() => {
    const ended = new AbortController()
    void follow(book, ended.signal, event => {
      if (event.present) {
        const guest = { email: event.present, sheet: event.sheet!, cell: event.cell!, at: Date.now() }
        setGuests(before => [...before.filter(row => row.email !== guest.email), guest])
      } else if (event.missed || (event.seq ?? 0) > seq.current) {
        loadShown(true)
        readNames()
      }
    }, fail)
    return () => ended.abort()
  }, [book, loadShown, readNames, fail])

  const show = useCallback((first: number, last: number) => {
    const bandsShown: [number, number] = [Math.floor((first - 1) / BAND), Math.floor((last - 1) / BAND)]
    if (bandsShown.join() === wanted.current.join()) return
    wanted.current = bandsShown
    loadShown(false)
  }, [loadShown])

  const afterwards = useCallback(async (sent: Promise<{ seq: number }>) => {
    await sent
    loadShown(true)
    readNames()
  }, [loadShown, readNames])

  return {
    cell: (row, column) => bands.current.get(Math.floor((row - 1) / BAND))?.get(`${row},${column}`),
    extent, seq: seq.current, guests, names, show,
    change: (operations, why) => afterwards(api.change(book, operations, seq.current, why)),
    reverse: kind => afterwards(api[kind](book)),
    reload: () => loadShown(true),
  }
}

interface Event { seq?: number; by?: string; missed?: boolean; present?: string; sheet?: string; cell?: string }

async function follow(
  book: number, signal: AbortSignal, take: (event: Event) => void, fail: (error: unknown) => void,
): Promise<void> {
  for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 10_000)) {
    try {
      for await (const event of api.watch(book, signal)) {
        wait = 500
        take(event as Event)
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof api.ApiError && [401, 403, 404].includes(error.status)) return fail(error)
    }
    await new Promise(resolve => setTimeout(resolve, wait))
    take({ missed: true }) // whatever happened while nobody listened
  }
}
