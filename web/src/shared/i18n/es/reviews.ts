import type { Words } from '@/shared/i18n/words';

export const reviews: Words['reviews'] = {
  head: 'Un resultado por revisar',
  waits: 'Este resultado te espera',
  short: {
    completeness: 'completo al {{score}}, se pide al menos el {{least}}',
    confidence: 'seguro al {{score}}, se pide al menos el {{least}}',
  },
  untold: {
    completeness: 'no dice cómo de completo, se pide al menos el {{least}}',
    confidence: 'no dice cómo de seguro, se pide al menos el {{least}}',
  },
  result: 'Resultado',
  masked: 'Los campos que ves como ••• están ocultos para ti, así que no puedes corregir este resultado.',
  resultHint: 'Lo que esté mal se puede corregir aquí antes de aceptarlo.',
  comment: 'Comentario',
  accept: 'Aceptar',
  acceptCorrected: 'Aceptar lo corregido',
  retry: 'Que lo reintente',
  refuse: 'Rechazar',
  toRobot: 'Ver el robot',
  was: {
    accept: 'El resultado está aceptado',
    corrected: 'El resultado está aceptado como lo has corregido',
    refuse: 'El resultado está rechazado; el robot ha fallado',
    retry: 'El robot se reintentará',
  },
};
