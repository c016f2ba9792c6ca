import './styles/index.css';
import 'virtual:mantine-variables.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ServerAway } from './layout/ServerAway.js';
import { queryClient, router } from './router.js';
import { theme } from './theme.js';
import { LANGUAGE } from './words/index.js';

document.documentElement.lang = LANGUAGE;

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    {/* Either would put a <style> into the page, which its policy forbids: both are files of the build. */}
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <ServerAway />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
