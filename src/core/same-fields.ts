/** Compares two flat objects of one kind field by field, as whoever publishes a snapshot does before it tells anybody. */
export function sameFields<Value extends object>(a: Value, b: Value): boolean {
  return (Object.keys(a) as (keyof Value)[]).every((key) => Object.is(a[key], b[key]))
}
