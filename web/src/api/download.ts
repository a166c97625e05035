/** Files that the server makes are fetched by the browser itself, which shows how far it is. */
import { api, take } from './client';

export async function download(path: string): Promise<void> {
  // Renews the session first: a link can not.
  await take(api.GET('/api/auth/me'));
  const link = document.createElement('a');
  link.href = path;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

/** A text that was put together here, as a file. */
export function saveText(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
