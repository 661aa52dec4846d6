// Cell addresses, and tables as other programs put them on the clipboard.

export function letters(column: number): string {
  let found = ''
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    found = String.fromCharCode(65 + ((rest - 1) % 26)) + found
  }
  return found
}

export const address = (row: number, column: number) => `${letters(column)}${row}`

/** Rows of fields from tab-separated text; a quoted field may hold tabs, newlines and "". */
export function fields(text: string): string[][] {
  const rows: string[][] = [[]]
  const pattern = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/gy
  while (pattern.lastIndex < text.length || text === '') {
    const match = pattern.exec(text)
    if (!match) break
    rows.at(-1)!.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'))
    if (match[3] === '') break
    if (match[3] !== '\t') rows.push([])
    else if (pattern.lastIndex === text.length) rows.at(-1)!.push('')
  }
  return rows.filter(row => row.length > 0)
}
