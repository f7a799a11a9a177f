import { Moon, Sun } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { setTheme, useTheme } from '@/shared/theme';
import { IconButton } from '@/shared/ui/IconButton';
import { useMediaQuery } from '@/shared/ui/useMediaQuery';

/** Light to dark and back, from what is seen now; the account's menu also follows the system. */
export function ThemeButton() {
  const { t } = useTranslation();
  const theme = useTheme();
  const darkSystem = useMediaQuery('(prefers-color-scheme: dark)');
  const dark = theme === 'dark' || (theme === 'system' && darkSystem);
  return (
    <IconButton
      label={t(dark ? 'top.toLight' : 'top.toDark')}
      onClick={() => setTheme(dark ? 'light' : 'dark')}
      className="size-8 max-desk:hidden"
    >
      {dark ? <Sun className="size-[18px]" /> : <Moon className="size-[18px]" />}
    </IconButton>
  );
}
