/** One character a byte, so that text of any origin can stand beside header text, which Node reads as latin1. */
export function byteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

export function isByteString(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false
  return true
}
