/** Templates: which values they take, and how they read with them. As the server fills them in. */

const PLACE = /\{\{\s*([\p{L}\p{N}_]+)\s*\}\}|\{(\d+)\}/gu;

/** `{0}` is the first value, which is called `1`. */
const nameOf = (named: string | undefined, index: string | undefined) => named ?? String(Number(index) + 1);

/** The names of the values, each once, in the order in which they come. */
export function placesOf(body: string): string[] {
  return [...new Set([...body.matchAll(PLACE)].map((found) => nameOf(found[1], found[2])))];
}

/** With the values in their places; what is missing stays as it is. */
export function filled(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(PLACE, (whole, named?: string, index?: string) => {
    const value = values[nameOf(named, index)];
    return value?.trim() ? value : whole;
  });
}
