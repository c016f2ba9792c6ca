import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useRouterState, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { Problem } from '../../problem.js';
import { logIn } from '../../session.js';
import { Notice } from '../../ui/Notice.js';
import { useHeading } from '../../ui/PageHeading.js';
import { Brand } from '../../layout/Brand.js';
import { useAction } from '../../ui/use-action.js';
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
  useHeading(oneTime ? 'Choose a password' : 'Log in');

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
            One key for life.
            <br />A secret you can change any time.
          </p>
          <p className={styles.about}>API tokens for every user of this server.</p>
        </div>
      </section>
      <main className={styles.main}>
        {/* The focus is on the first field. */}
        <h1>{oneTime ? 'Choose a password' : 'Log in'}</h1>
        {oneTime ? (
          <ChoosePassword
            user={oneTime.user}
            action={enter}
            onChosen={(newPassword) => void enter.run({ ...oneTime, newPassword })}
          />
        ) : (
          <>
            <p className={styles.where}>to Latchkey on {location.host}</p>
            {ended && (
              <Notice tone="neutral" title="You were logged out">
                Your session has ended. Log in and you are back where you were.
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
