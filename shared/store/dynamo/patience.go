package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The patience: attempts, and between them waits of full jitter, each random up to a bound that
// doubles. Together they last some 2.5 seconds, and 5 at most, with an answer that hangs 7: a claim
// is good for 20.
const (
	attempts  = 8
	firstWait = 50 * time.Millisecond
	longest   = 2 * time.Second
	patience  = 5 * time.Second // no attempt begins after it
)

// repeat is what may be asked again when an answer was lost (a time-out, a broken connection, a
// 5xx), so that the attempt may have been carried out or not.
type repeat int

const (
	// never: the error says that it is not known.
	never repeat = iota

	// doubtfully: asking twice does the same as once. But if a later attempt's condition does not
	// hold, it may be the lost one that made it so: the answer is then that it is not known.
	doubtfully

	// freely: reading, and what DynamoDB itself knows again.
	freely
)

// errUnprocessed is an answer that leaves something to ask for again.
var errUnprocessed = errors.New("unprocessed")

// persist asks until there is an answer, patience ends or the context does. What
// was surely not done (throttled, in conflict with a transaction) is always asked again.
func (t *Table) persist(ctx context.Context, how repeat, ask func() error) error {
	var lost error
	began := time.Now()
	for n := 1; ; n++ {
		err := ask()
		_, failed := errors.AsType[*store.ConditionFailed](err)
		switch {
		case notDone(err):
		case how != never && isLost(err):
			lost = err
		case how == doubtfully && lost != nil && failed:
			return fmt.Errorf("an answer was lost: %w", lost)
		default:
			return err
		}
		if n < attempts && time.Since(began) < patience {
			bound := min(firstWait<<(n-1), longest)
			if err := t.wait(ctx, time.Duration(t.random()*float64(bound))); err != nil {
				return err
			}
			continue
		}
		if lost != nil {
			return fmt.Errorf("an answer was lost: %w", lost)
		}
		return fmt.Errorf("%w: %w", store.ErrThrottled, err)
	}
}

// notDone reports that DynamoDB did nothing, and might do it a moment later.
func notDone(err error) bool {
	var coded interface{ ErrorCode() string } // of whatever operation: the SDK has a type of its own for some alone
	var canceled *types.TransactionCanceledException
	switch {
	case err == nil:
		return false
	case errors.Is(err, errUnprocessed), errors.As(err, &coded) && coded.ErrorCode() == "TransactionConflictException":
		return true
	case errors.As(err, &canceled):
		return isPassing(canceled.CancellationReasons)
	}
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}

// isPassing reports that a transaction was cancelled for reasons that pass.
func isPassing(reasons []types.CancellationReason) bool {
	passing := false
	for _, r := range reasons {
		switch aws.ToString(r.Code) {
		case "None", "":
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			passing = true
		default:
			return false
		}
	}
	return passing
}

// isLost reports that nobody knows whether DynamoDB did it.
func isLost(err error) bool {
	return err != nil && !notDone(err) &&
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
