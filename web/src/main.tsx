import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from '@/app/App';
import { startI18n } from '@/shared/i18n';
import '@/app/styles.css';

await startI18n();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has lost its #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
