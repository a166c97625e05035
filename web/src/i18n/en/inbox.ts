/** Words of conversations in writing, and of connecting them. Loaded with those pages. */
import words from './inbox.json';
import whatsapp from './whatsapp.json';

export const inbox = { inbox: words, whatsapp };
