import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useRouterState, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '../../problem.js';
import { logIn } from '../../session.js';
import { Notice } from '../../ui/Notice.js';
import { useHeading } from '../../ui/PageHeading.js';
import { Brand } from '../../layout/Brand.js';
import { useAction } from '../../ui/use-action.js';
import { words } from '../../words/index.js';
import { ChoosePassword } from './ChoosePassword.js';
import { LoginArt } from './LoginArt.js';
import { LoginForm } from './LoginForm.js';
import styles from './LoginScreen.module.css';

export interface Credentials {
  user: string;
  password: string;
}

export function LoginScreen() {
  const queryClient = useQueryClient();
  const router = useRouter();
  const { next = '/' } = useSearch({ from: '/login' });
  const ended = useRouterState({ select: ({ location }) => location.state.ended === true });
  const [oneTime, setOneTime] = useState<Credentials>();
  const title = oneTime ? words.login.choose : words.login.title;
  useHeading(title);

  const enter = useAction(async (input: Credentials & { newPassword?: string }) => {
    try {
      await logIn(queryClient, input);
    } catch (error) {
      if (!asksForNewPassword(error) || input.newPassword !== undefined) throw error;
      setOneTime(input);
      return;
    }
    router.history.replace(`/app${next}`);
  });

  return (
    <div className={styles.screen}>
      <section className={styles.side} aria-label="Latchkey">
        <Brand host={false} />
        <LoginArt />
        <div>
          <p className={styles.claim}>
            {words.login.claim}
            <br />
            {words.login.claimGoesOn}
          </p>
          <p className={styles.about}>{words.login.about}</p>
        </div>
      </section>
      <main className={styles.main}>
        {/* The focus is on the first field. */}
        <h1>{title}</h1>
        {oneTime ? (
          <ChoosePassword
            user={oneTime.user}
            action={enter}
            onChosen={(newPassword) => void enter.run({ ...oneTime, newPassword })}
          />
        ) : (
          <>
            <p className={styles.where}>{words.login.where(location.host)}</p>
            {ended && (
              <Notice tone="neutral" title={words.login.ended}>
                {words.login.endedAbout}
              </Notice>
            )}
            <LoginForm action={enter} onLogIn={(credentials) => void enter.run(credentials)} />
          </>
        )}
      </main>
    </div>
  );
}

function asksForNewPassword(error: unknown): boolean {
  return error instanceof Problem && error.errors.some(({ code }) => code === 'new_password_required');
}
