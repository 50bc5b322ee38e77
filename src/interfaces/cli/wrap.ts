/** Text for a terminal of so many columns: the first line after `lead`, the others under it. */
export function paragraph(text: string, width: number, lead: string): string {
  const room = Math.max(20, width - lead.length)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.map((each, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + each).join('\n')
}
