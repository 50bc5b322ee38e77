/** Other spellings of a path that a router may take for the same and a guard for another. */
export function pathVariants(url: string): readonly { readonly name: string; readonly target: string }[] {
  const { pathname, search } = new URL(url)
  const letter = /[a-z]/i.exec(pathname)
  const encoded =
    letter === null
      ? pathname
      : `${pathname.slice(0, letter.index)}%${letter[0].charCodeAt(0).toString(16)}${pathname.slice(letter.index + 1)}`
  const last = pathname.lastIndexOf('/')
  return [
    { name: 'an encoded letter', target: encoded + search },
    { name: 'a doubled slash', target: `/${pathname}${search}` },
    { name: 'a dot segment', target: `/.${pathname}${search}` },
    { name: 'a slash at its end', target: `${pathname}/${search}` },
    { name: 'capital letters', target: pathname.toUpperCase() + search },
    { name: 'a path parameter', target: `${pathname};a=b${search}` },
    { name: 'an encoded slash', target: `${pathname.slice(0, last)}%2f${pathname.slice(last + 1)}${search}` },
  ].filter(({ target }) => target !== pathname + search)
}
