/** How the app gets to an iPhone's home screen, in pictures of what to touch. */
import { House, Share, SquarePlus } from 'lucide-react';
import { useTranslation } from 'react-i18next';

export function HomeScreenSteps() {
  const { t } = useTranslation();
  const steps = [
    { icon: Share, text: t('notifications.homeScreen.share') },
    { icon: SquarePlus, text: t('notifications.homeScreen.add') },
    { icon: House, text: t('notifications.homeScreen.open') },
  ];
  return (
    <ol className="flex flex-col gap-2.5">
      {steps.map(({ icon: Icon, text }, at) => (
        <li key={text} className="flex items-center gap-3">
          <span className="grid size-11 shrink-0 place-items-center rounded-control border border-line bg-surface text-accent-text">
            <Icon aria-hidden className="size-5" strokeWidth={1.9} />
          </span>
          <span className="text-cell">
            <bdi className="tabular font-bold">{at + 1}.</bdi> {text}
          </span>
        </li>
      ))}
    </ol>
  );
}
