import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleUser, LogOut } from 'lucide-react';
import { useTranslation } from '@/shared/i18n/translation';
import { useSignOut } from '@/features/session/queries';
import { meQuery } from '@/shared/session';
import { LANGUAGES, type Language } from '@/shared/i18n';
import { setTheme, type Theme, useTheme } from '@/shared/theme';
import { IconButton } from '@/shared/ui/IconButton';
import { Menu, MenuChoices, MenuItem, MenuLine } from '@/shared/ui/Menu';

/** Who is signed in, theme, language, and the way out. */
export function AccountMenu() {
  const { t, i18n } = useTranslation();
  const { data: me } = useQuery(meQuery);
  const navigate = useNavigate();
  const signOut = useSignOut(() => void navigate({ to: '/sign-in' }));
  const theme = useTheme();
  const themes: { value: Theme; text: string }[] = [
    { value: 'system', text: t('top.themeSystem') },
    { value: 'light', text: t('top.themeLight') },
    { value: 'dark', text: t('top.themeDark') },
  ];
  const languages = Object.entries(LANGUAGES).map(([value, text]) => ({ value: value as Language, text }));
  return (
    <Menu
      trigger={
        <IconButton label={t('top.account')} className="size-8">
          <CircleUser className="size-[18px]" />
        </IconButton>
      }
    >
      {me && (
        <>
          <p className="px-2 py-1.5 text-list">
            <span className="font-medium">{me.name}</span> <span className="text-faint">{me.scope}</span>
          </p>
          <MenuLine />
        </>
      )}
      <MenuChoices label={t('top.theme')} value={theme} choices={themes} onChoose={setTheme} />
      <MenuLine />
      <MenuChoices
        label={t('top.language')}
        value={i18n.language as Language}
        choices={languages}
        onChoose={(language) => void i18n.changeLanguage(language)}
      />
      <MenuLine />
      <MenuItem icon={<LogOut className="size-4" />} onSelect={() => signOut.mutate()}>
        {t('top.signOut')}
      </MenuItem>
    </Menu>
  );
}
