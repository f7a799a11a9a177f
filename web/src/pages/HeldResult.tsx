import { useQuery } from '@tanstack/react-query';
import { reviewQuery, useJudge } from '@/features/reviews/queries';
import { ReviewForm } from '@/features/reviews/ReviewForm';
import { robotQuery } from '@/features/robots/queries';
import type { Review } from '@/shared/api/types';
import { useTranslation } from '@/shared/i18n/translation';
import { useMay } from '@/shared/session';
import { Json } from '@/shared/ui/Json';
import { LoadProblem } from '@/shared/ui/LoadProblem';
import { Section } from '@/shared/ui/Section';
import { Skeleton } from '@/shared/ui/Skeleton';

/** The result of a robot that waits for a person, and what they can say to it. */
export function HeldResult({ review }: { review: Review }) {
  const may = useMay();
  const judge = useJudge(review.robotId);
  return (
    <ReviewForm
      key={review.askedAt}
      review={review}
      allowed={may('tasks')}
      busy={judge.isPending}
      onJudge={(said) => judge.mutate(said)}
    />
  );
}

/** What the robot (by id) was asked for: without it nobody can judge its result. */
export function AskedOf({ robotId }: { robotId: string }) {
  const { t } = useTranslation();
  const robot = useQuery(robotQuery(robotId));
  if (robot.isError) return <LoadProblem error={robot.error} onRetry={() => void robot.refetch()} />;
  if (!robot.data) return <Skeleton className="h-24 rounded-card" />;
  const { robotType, sourceReference, inputData } = robot.data;
  return (
    <Section
      title={t('automation.robot.input')}
      text={[robotType, sourceReference].filter(Boolean).join(' · ')}
    >
      <Json value={inputData} />
    </Section>
  );
}

/** A result that is held, where only the robot (by id) is known. */
export function HeldResultOf({ robotId }: { robotId: string }) {
  const review = useQuery(reviewQuery(robotId));
  if (review.data) return review.data.state === 'waiting' ? <HeldResult review={review.data} /> : null;
  if (review.isError) return <LoadProblem error={review.error} onRetry={() => void review.refetch()} />;
  return <Skeleton className="h-64 rounded-card" />;
}
