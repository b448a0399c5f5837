/** The codes of what can be wrong with a book. */
import type { ErrorCode } from '../../core/errors.ts'
import type { BookFault, BookVerdict } from '../book/order-book.ts'

const CODES: Readonly<Record<BookFault | 'repeated', ErrorCode>> = {
  invalid: 'UPLINK_BOOK_INVALID',
  gap: 'UPLINK_BOOK_GAP',
  crossed: 'UPLINK_BOOK_CROSSED',
  stale: 'UPLINK_BOOK_STALE',
  overflow: 'UPLINK_BOOK_OVERFLOW',
  repeated: 'UPLINK_BOOK_REPEATED',
}

/** The code of a verdict that is a fault; what is none has the code of what cannot be used. */
export function bookCode(verdict: BookVerdict): ErrorCode {
  return (CODES as Readonly<Partial<Record<BookVerdict, ErrorCode>>>)[verdict] ?? 'UPLINK_BOOK_INVALID'
}

/** Whether a verdict is a fault. */
export function isBookFault(verdict: BookVerdict): verdict is BookFault {
  return verdict !== 'repeated' && Object.hasOwn(CODES, verdict)
}
