/** The quiet page around sign-in and set-up. */
import { Link } from '@tanstack/react-router';
import { Languages } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { switchLanguage } from '@/i18n/i18n';

interface FrameProps {
  title: string;
  lead: string;
  children: ReactNode;
  mark: ReactNode;
}

export function AuthFrame({ title, lead, children, mark }: FrameProps) {
  const { t, i18n } = useTranslation();
  const other = i18n.language === 'he' ? 'en' : 'he';
  return (
    <div className="flex min-h-dvh flex-col">
      <main className="grid grow place-items-center px-4 py-10">
        <div className="w-full max-w-[400px]">
          <div className="mb-7 flex flex-col items-center text-center">
            {mark}
            <h1 className="mt-5 text-heading">{title}</h1>
            <p className="mt-1.5 text-balance text-muted">{lead}</p>
          </div>
          <div className="rounded-card border border-line bg-surface p-6 max-md:p-5">{children}</div>
        </div>
      </main>
      <footer className="flex items-center justify-center gap-2 px-4 pb-6 text-caption text-muted">
        <Link
          to="/accessibility"
          className="target inline-flex items-center rounded-mark px-2 hover:text-ink hover:underline"
        >
          {t('shell.accessibility')}
        </Link>
        <Button
          look="ghost"
          size="sm"
          icon={Languages}
          lang={other}
          onClick={() => void switchLanguage(other)}
        >
          {other === 'en' ? t('shell.english') : t('shell.hebrew')}
        </Button>
      </footer>
    </div>
  );
}
