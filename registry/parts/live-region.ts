/**
 * The one live region of a page: there, and empty, before there is anything to say, because text that comes together
 * with its region is not read. It is in nobody's layout, and follows the user into an open modal, outside of which
 * nothing is read.
 */

/** A line in the region. Each is read when it changes, and the others are not read again. */
export interface SpokenLine {
  say(sentence: string): void
  close(): void
}

/** Out of sight, and not out of the accessibility tree. Set by script, so that no content policy objects. */
const UNSEEN = 'position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap'
/** What has been moved needs to be noticed in its new place before its text changes. */
const SETTLE_MS = 150

let region: HTMLElement | null = null

function makeRegion(): HTMLElement {
  const made = document.createElement('div')
  made.setAttribute('role', 'status')
  // Said once more in other words: what hides the page behind a modal spares elements with this one.
  made.setAttribute('aria-live', 'polite')
  made.setAttribute('aria-atomic', 'false')
  made.dataset['slot'] = 'announcer'
  made.style.cssText = UNSEEN
  document.body.append(made)
  return made
}

/** Puts the region where it is read now; true when it had to be moved. */
function follow(element: HTMLElement): boolean {
  const home = [...document.querySelectorAll('dialog:modal, [aria-modal="true"]')].at(-1) ?? document.body
  if (element.parentElement === home) return false
  home.append(element)
  return true
}

/** Opens a line. The region is made by the first and goes with the last. */
export function openLine(): SpokenLine {
  const place = (region ??= makeRegion())
  const line = place.appendChild(document.createElement('span'))
  let settling: ReturnType<typeof setTimeout> | undefined
  return {
    say(sentence) {
      clearTimeout(settling)
      if (follow(place)) settling = setTimeout(() => { line.textContent = sentence }, SETTLE_MS)
      else line.textContent = sentence
    },
    close() {
      line.remove()
      if (place.childElementCount > 0) return
      place.remove()
      region = null
    },
  }
}
