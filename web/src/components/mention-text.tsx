/** A note's words, with the people who are mentioned marked. */
import { directionOf } from '@/format/direction';
import { usePeople } from '@/session/people';
import { inPieces } from './mentions';

export function MentionText({ text }: { text: string }) {
  const { people } = usePeople();
  return (
    <p dir={directionOf(text)} className="aligned text-cell whitespace-pre-line">
      {inPieces(people, text).map((piece) =>
        piece.mention ? (
          <bdi key={piece.at} className="rounded-mark bg-accent-soft px-1 font-semibold text-accent-text">
            {piece.text}
          </bdi>
        ) : (
          piece.text
        ),
      )}
    </p>
  );
}
