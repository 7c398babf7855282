package function

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"chatreports/shared/admission"
	"chatreports/shared/dialect"
	"chatreports/shared/measure"
	"chatreports/shared/report"
)

// What a caller is told to do about a report that takes too much.
const narrow = "take a shorter range, longer periods or a filter"

// Unanswered says why a question was not answered, to whoever asks reports for somebody else,
// and logs it.
func (d Deps) Unanswered(ctx context.Context, path string, err error) *dialect.Refusal {
	return unanswered(ctx, d, path, err)
}

// unanswered says why a report was not answered. What is wrong inside goes to the log
// only.
func unanswered(ctx context.Context, d Deps, path string, err error) *dialect.Refusal {
	if much, ok := errors.AsType[*admission.TooMuchError](err); ok {
		d.Log.WarnContext(ctx, "a report was refused", "path", path, "weight", much.Weight, "most", much.Most)
		instead := narrow
		if known, ok := errors.AsType[*report.TooMuchError](err); ok {
			instead = known.Instead
		}
		return dialect.Refuse(http.StatusBadRequest, "too_much", "The report would take more than any one report may: %s.", instead)
	}
	if busy, ok := errors.AsType[*admission.BusyError](err); ok {
		d.Log.WarnContext(ctx, "a report found no room", "path", path, "own", busy.Own)
		p := &dialect.Refusal{
			Status: http.StatusServiceUnavailable, Code: "busy", RetryAfter: busy.RetryAfter,
			Detail: "Too many reports are being answered; try again later.",
		}
		if busy.Own {
			p.Status, p.Code = http.StatusTooManyRequests, "too_many_reports"
			p.Detail = "Too many of your reports are being answered at once; ask for fewer at a time, or try again later."
		}
		return p
	}
	if _, ok := errors.AsType[*measure.VersionError](err); ok {
		d.Log.ErrorContext(ctx, "another version of the measures is stored", "path", path, "error", err)
		return &dialect.Refusal{
			Status: http.StatusServiceUnavailable, Code: "another_version", RetryAfter: slowRetry,
			Detail: "What is stored was counted by another version of this system than the one that answers; whoever runs it finds in its log what to do. Try again later.",
		}
	}
	if errors.Is(err, report.ErrEarlier) {
		d.Log.ErrorContext(ctx, "rows need a rebuild", "path", path, "error", err)
		return dialect.Refuse(http.StatusServiceUnavailable, "rebuild_needed",
			"The rows cannot be told before whoever runs the system has rebuilt what an earlier version stored; see its log.")
	}
	switch ctx.Err() {
	case context.Canceled: // nobody hears the answer
		d.Log.InfoContext(ctx, "a report's caller went away", "path", path)
	case context.DeadlineExceeded:
		d.Log.WarnContext(ctx, "a report took too long", "path", path)
		return &dialect.Refusal{
			Status: http.StatusServiceUnavailable, Code: tooSlow, RetryAfter: slowRetry,
			Detail: "The report could not be answered in the time there is, and was stopped: " + narrow + ", or try again later.",
		}
	default:
		d.Log.ErrorContext(ctx, "answering a report", "path", path, "error", err)
	}
	return &dialect.Refusal{
		Status: http.StatusServiceUnavailable, Code: "unavailable",
		Detail: "The report could not be read; try again.", RetryAfter: 2 * time.Second,
	}
}

// tooSlow is the code of what was stopped since the time was over.
const tooSlow = "too_slow"

// untilDone writes until a context ends: nobody waits for the rest then.
type untilDone struct {
	ctx context.Context
	w   io.Writer
}

func (u *untilDone) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(b)
}

// slowRetry is when it is worth asking again for what took too long: it may have been
// slow because of others.
const slowRetry = 10 * time.Second
