import { Avatar } from '@/components/ui/avatar';
import { PhoneText } from '@/components/ui/text';
import { formatName } from '@/format/phone';

interface CustomerOptionProps {
  customer: { name: string; phone?: string | null };
  onChoose: () => void;
}

/** A customer among those that were found, to be chosen. */
export function CustomerOption({ customer: { name, phone }, onChoose }: CustomerOptionProps) {
  return (
    <li>
      <button
        type="button"
        className="flex min-h-12 w-full items-center gap-3 rounded-control px-2 text-start hover:bg-hover"
        onClick={onChoose}
      >
        <Avatar name={name} />
        <bdi className="aligned min-w-0 grow truncate font-semibold">{formatName(name)}</bdi>
        {phone && <PhoneText number={phone} className="text-caption text-muted" />}
      </button>
    </li>
  );
}
