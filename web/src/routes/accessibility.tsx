import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { buttonClass } from '@/components/ui/button';
import { useCrumbs } from '@/shell/crumbs';
import { Mark } from '@/shell/mark';

const UPDATED = '20/11/2026';

export function AccessibilityPage() {
  const { t } = useTranslation();
  useCrumbs({ label: t('statement.title') });
  return (
    <main className="mx-auto flex max-w-2xl flex-col gap-6 px-5 py-12 text-lead">
      <Mark className="size-10" />
      <h1 className="text-display max-md:text-heading">{t('statement.title')}</h1>
      <p>{t('statement.intro')}</p>
      <Part title={t('statement.standardTitle')}>
        <p>{t('statement.standard')}</p>
      </Part>
      <Part title={t('statement.doneTitle')}>
        <ul className="flex list-disc flex-col gap-2 ps-6">
          <li>{t('statement.done1')}</li>
          <li>{t('statement.done2')}</li>
          <li>{t('statement.done3')}</li>
          <li>{t('statement.done4')}</li>
          <li>{t('statement.done5')}</li>
        </ul>
      </Part>
      <Part title={t('statement.limitsTitle')}>
        <p>{t('statement.limits')}</p>
      </Part>
      <Part title={t('statement.contactTitle')}>
        <p>{t('statement.contact')}</p>
      </Part>
      <p className="text-cell text-muted">{t('statement.updated', { date: UPDATED })}</p>
      <Link to="/crm" className={buttonClass('quiet', 'md', 'self-start')}>
        <ArrowRight aria-hidden className="size-4 ltr:-scale-x-100" />
        {t('statement.back')}
      </Link>
    </main>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-title">{title}</h2>
      {children}
    </section>
  );
}
