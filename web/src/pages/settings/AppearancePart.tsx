import { useTranslation } from '@/shared/i18n/translation';
import { type Language, LANGUAGES } from '@/shared/i18n';
import { setNotifications, useNotifications } from '@/shared/notifications';
import { setTheme, useTheme } from '@/shared/theme';
import { Section, SectionRow } from '@/shared/ui/Section';
import { Segments } from '@/shared/ui/Segments';
import { Switch } from '@/shared/ui/Switch';

/** Theme and language of this browser. */
export function AppearancePart() {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  const notifications = useNotifications();
  return (
    <Section title={t('settings.part.appearance')} text={t('settings.appearance.text')}>
      <SectionRow label={t('settings.appearance.theme')} hint={t('settings.appearance.themeHint')}>
        <Segments
          label={t('settings.appearance.theme')}
          value={theme}
          choices={[
            { value: 'system', text: t('top.themeSystem') },
            { value: 'light', text: t('top.themeLight') },
            { value: 'dark', text: t('top.themeDark') },
          ]}
          onChoose={setTheme}
        />
      </SectionRow>
      <SectionRow label={t('settings.appearance.language')} hint={t('settings.appearance.languageHint')}>
        <Segments
          label={t('settings.appearance.language')}
          value={i18n.language as Language}
          choices={Object.entries(LANGUAGES).map(([value, text]) => ({ value: value as Language, text }))}
          onChoose={(language) => void i18n.changeLanguage(language)}
        />
      </SectionRow>
      <SectionRow
        label={t('settings.appearance.notifications')}
        hint={t('settings.appearance.notificationsHint')}
        control="notifications"
      >
        <Switch
          id="notifications"
          on={notifications === 'on'}
          disabled={notifications === 'denied' || notifications === 'unable'}
          onChange={(on) => void setNotifications(on)}
        />
        {(notifications === 'denied' || notifications === 'unable') && (
          <p className="mt-1 text-small text-muted">{t(`settings.appearance.${notifications}`)}</p>
        )}
      </SectionRow>
    </Section>
  );
}
