import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { makeQueryClient } from '@/shared/api/queryClient';
import { TranslationProvider } from '@/shared/i18n/TranslationProvider';
import { Notices } from '@/shared/ui/Notices';
import { makeRouter } from './router';

const queries = makeQueryClient(() => {
  queries.removeQueries({ predicate: () => true });
  void router.invalidate();
});
const router = makeRouter(queries);

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <TranslationProvider>
        <RouterProvider router={router} />
        <Notices />
      </TranslationProvider>
    </QueryClientProvider>
  );
}
