package function

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"

	"chatreports/shared/schedule"
	"chatreports/shared/web"
)

// Schedule delivers what is due of every tenant. It is called on a schedule; what calls
// it does not matter. Which reports there are is handed in.
func Schedule(d Deps, reports map[string]*schedule.Report) lambda.Handler {
	s := &schedule.Scheduler{State: d.State, Journal: d.Journal, Objects: d.Objects, Reports: reports, Now: d.Now, Real: d.Clock}
	return web.Punctual{Handler: lambda.NewHandler(func(ctx context.Context, _ json.RawMessage) error {
		if err := s.Run(ctx); err != nil {
			d.Log.ErrorContext(ctx, "delivering on schedule", "error", err)
			return err
		}
		return nil
	})}
}
