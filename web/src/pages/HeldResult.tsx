import { useQuery } from '@tanstack/react-query';
import { reviewQuery, useJudge } from '@/features/reviews/queries';
import { ReviewForm } from '@/features/reviews/ReviewForm';
import type { Review } from '@/shared/api/types';
import { useMay } from '@/shared/session';
import { LoadProblem } from '@/shared/ui/LoadProblem';
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

/** The same, where only the robot (by id) is known. */
export function HeldResultOf({ robotId }: { robotId: string }) {
  const review = useQuery(reviewQuery(robotId));
  if (review.data) return review.data.state === 'waiting' ? <HeldResult review={review.data} /> : null;
  if (review.isError) return <LoadProblem error={review.error} onRetry={() => void review.refetch()} />;
  return <Skeleton className="h-64 rounded-card" />;
}
