import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from '@/shared/i18n/translation';
import { useSignIn } from '@/features/session/queries';
import { SignInForm } from '@/features/session/SignInForm';
import { Problem } from '@/shared/api/problem';
import { problemText } from '@/shared/i18n/problemText';
import { Logo } from '@/shared/ui/Logo';

/** Signs in by the link's code at once, else asks for a key. */
export function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { code, next } = useSearch({ from: '/sign-in' });
  const signIn = useSignIn(() => void navigate({ href: next ?? '/board', replace: true }));
  const { mutate } = signIn;

  // The code works once; React's strict mode would spend it twice.
  const spent = useRef<string | null>(null);
  useEffect(() => {
    document.title = `${t('signIn.title')} · AiWorker`;
    if (!code || spent.current === code) return;
    spent.current = code;
    mutate({ code });
  }, [code, mutate, t]);

  const refused = signIn.error instanceof Problem && signIn.error.status === 401;
  const linkFailed = signIn.isError && signIn.variables.code !== undefined;
  const underWay =
    (code !== undefined && signIn.isIdle) || (signIn.isPending && signIn.variables.code !== undefined);
  return (
    <main className="flex h-full items-center justify-center overflow-y-auto p-4">
      <div className="flex w-full max-w-[380px] flex-col gap-5 rounded-panel border border-line bg-surface p-6">
        <header className="flex items-center gap-2.5">
          <Logo className="size-7" />
          <h1 className="text-title font-semibold">{t('signIn.title')}</h1>
        </header>
        {underWay ? (
          <p role="status" className="text-list text-muted">
            {t('signIn.byLink')}
          </p>
        ) : (
          <>
            {linkFailed && (
              <div role="alert" className="flex flex-col gap-1 text-list">
                <p className="font-medium text-failed">
                  {refused ? t('signIn.linkFailed') : problemText(signIn.error, t)}
                </p>
                {refused && <p className="text-muted">{t('signIn.linkFailedText')}</p>}
              </div>
            )}
            <SignInForm
              busy={signIn.isPending}
              problem={signIn.isError && !linkFailed ? problemText(signIn.error, t) : null}
              onKey={(key) => mutate({ key })}
            />
          </>
        )}
      </div>
    </main>
  );
}
