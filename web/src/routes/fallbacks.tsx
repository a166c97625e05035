/** What is shown when a page is on its way, does not exist, or broke. */
import { Link } from '@tanstack/react-router';
import { Compass, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '@/api/problem';
import { Button, buttonClass } from '@/components/ui/button';
import { Empty, SkeletonRows, Trouble } from '@/components/ui/states';

export function PagePending() {
  return <SkeletonRows rows={6} />;
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="grid min-h-[70dvh] place-items-center">
      <Empty
        wholePage
        icon={Compass}
        title={t('shell.notFoundTitle')}
        hint={t('shell.notFoundHint')}
        action={
          <Link to="/crm" className={buttonClass('primary')}>
            {t('shell.toToday')}
          </Link>
        }
      />
    </div>
  );
}

/** As `NotFound`, where no frame stands around it. */
export function NotFoundPage() {
  return (
    <main>
      <NotFound />
    </main>
  );
}

export function Crashed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (isProblem(error)) return <Trouble wholePage error={error} onRetry={() => window.location.reload()} />;
  return (
    <div role="alert" className="grid min-h-[70dvh] place-items-center">
      <Empty
        wholePage
        icon={TriangleAlert}
        title={t('problems.title')}
        hint={t('problems.crashed')}
        action={
          <Button look="primary" onClick={() => window.location.reload()}>
            {t('problems.reload')}
          </Button>
        }
      />
    </div>
  );
}
