import type { Words } from '@/shared/i18n/words';

export const reviews: Words['reviews'] = {
  head: 'Un resultado por revisar',
  waits: 'Este resultado te espera',
  scores: '{{complete}} completo, {{sure}} seguro',
  result: 'Resultado',
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
