/** Waits until `look` gives something true, and gives that. */
export async function until(what, look, limitMs = 15_000) {
  const end = Date.now() + limitMs;
  let last;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found) return found;
      last = undefined;
    } catch (fault) {
      last = fault;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${what} did not happen in ${limitMs} ms`, { cause: last });
}
