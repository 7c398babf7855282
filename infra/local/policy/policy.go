// Package policy keeps a function to what its policy in the template allows, as IAM does on
// AWS: a call that it does not allow fails, and which of its rights were used is known. In:
// what a function works on. Out: the same, guarded.
package policy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"chatreports/infra/local/stack"
	"chatreports/shared/job"
	"chatreports/shared/object"
	"chatreports/shared/table"
)

// ErrDenied says that a function's policy does not allow what it does.
var ErrDenied = errors.New("the function's policy in " + stack.FileName + " does not allow it")

// Guard is the policy of one function.
type Guard struct {
	function   string
	statements []stack.Statement

	mu   sync.Mutex
	used map[string]bool
}

// New is the guard of a function.
func New(f *stack.Function) *Guard {
	return &Guard{function: f.Name, statements: f.Policy, used: map[string]bool{}}
}

// Unused are the rights that nothing was done with, each as "action resource". Those are
// left out that only Lambda itself uses. To read a table is one right: which calls that takes
// depends on how much is asked for.
func (g *Guard) Unused() (rights []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.statements {
		for _, action := range s.Actions {
			for _, r := range s.Resources {
				if right := name(action, r, s.LeadingKeys); !g.used[right] && !lambdas(action) {
					rights = append(rights, right)
				}
			}
		}
	}
	slices.Sort(rights)
	return slices.Compact(rights)
}

// lambdas says whether Lambda takes an action in a function's name, and no function does.
func lambdas(action string) bool {
	service, _, _ := strings.Cut(action, ":")
	return service == "logs" || slices.Contains([]string{
		"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
		"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
	}, action)
}

func name(action string, r stack.Resource, keys []string) string {
	if slices.Contains([]string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}, action) {
		action = "read"
	}
	return strings.TrimRight(fmt.Sprint(action, " ", r.Name, r.Path, " ", strings.Join(keys, " ")), " ")
}

// allow notes that an action is taken with a resource, or a part of it, or refuses it.
func (g *Guard) allow(action, resource, part string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	allowed := false
	for _, s := range g.statements {
		if !slices.Contains(s.Actions, action) {
			continue
		}
		for _, r := range s.Resources {
			if r.Name != resource {
				continue
			}
			if strings.HasPrefix(action, "s3:") && (r.Path == "" || !like(r.Path, "/"+part)) && (r.Path != "" || part != "") {
				continue
			}
			if s.LeadingKeys != nil && !slices.ContainsFunc(s.LeadingKeys, func(k string) bool { return like(k, part) }) {
				continue
			}
			g.used[name(action, r, s.LeadingKeys)] = true
			allowed = true
		}
	}
	if !allowed {
		return fmt.Errorf("%s: %s of %s %q: %w", g.function, action, resource, part, ErrDenied)
	}
	return nil
}

// like says whether a text is as a pattern of IAM has it, in which * is any text.
func like(pattern, text string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, before)
	for i := 0; ok && i <= len(rest); i++ {
		if like(after, rest[i:]) {
			return true
		}
	}
	return false
}

// Table guards a table of DynamoDB.
func (g *Guard) Table(name string, t table.Table) table.Table { return &guardedTable{t, g, name} }

type guardedTable struct {
	table.Table
	guard *Guard
	name  string
}

func (t *guardedTable) allow(action string, key table.Key) error {
	return t.guard.allow("dynamodb:"+action, t.name, key.Part)
}

func (t *guardedTable) Get(ctx context.Context, keys ...table.Key) ([]table.Item, error) {
	action := "BatchGetItem"
	if len(keys) == 1 {
		action = "GetItem"
	}
	for _, k := range keys {
		if err := t.allow(action, k); err != nil {
			return nil, err
		}
	}
	return t.Table.Get(ctx, keys...)
}

func (t *guardedTable) Query(ctx context.Context, r table.Range) iter.Seq2[table.Item, error] {
	if err := t.allow("Query", table.Key{Part: r.Part}); err != nil {
		return func(yield func(table.Item, error) bool) { yield(table.Item{}, err) }
	}
	return t.Table.Query(ctx, r)
}

func (t *guardedTable) Scan(ctx context.Context, prefix string) iter.Seq2[table.Item, error] {
	if err := t.allow("Scan", table.Key{Part: prefix}); err != nil {
		return func(yield func(table.Item, error) bool) { yield(table.Item{}, err) }
	}
	return t.Table.Scan(ctx, prefix)
}

func (t *guardedTable) operations(ops []table.Op) error {
	for i := range ops {
		action := map[table.Verb]string{table.Put: "PutItem", table.Delete: "DeleteItem", table.Check: "ConditionCheckItem"}[ops[i].Verb]
		if err := t.allow(action, ops[i].Item.Key); err != nil {
			return err
		}
	}
	return nil
}

func (t *guardedTable) Write(ctx context.Context, ops ...table.Op) error {
	if err := t.operations(ops); err != nil {
		return err
	}
	return t.Table.Write(ctx, ops...)
}

func (t *guardedTable) PutEach(ctx context.Context, ops ...table.Op) ([]*table.Item, error) {
	if err := t.operations(ops); err != nil {
		return nil, err
	}
	stood, err := t.Table.PutEach(ctx, ops...)
	for i, s := range stood {
		if s != nil { // it is looked up
			err = errors.Join(err, t.allow("GetItem", ops[i].Item.Key))
		}
	}
	return stood, err
}

// Objects guards a bucket of S3.
func (g *Guard) Objects(name string, s object.Store) object.Store { return &guardedStore{s, g, name} }

type guardedStore struct {
	object.Store
	guard *Guard
	name  string
}

func (s *guardedStore) Create(ctx context.Context, key string) (object.Upload, error) {
	if err := s.guard.allow("s3:PutObject", s.name, key); err != nil {
		return nil, err
	}
	u, err := s.Store.Create(ctx, key)
	return &guardedUpload{u, s, key}, err
}

type guardedUpload struct {
	object.Upload
	store *guardedStore
	key   string
}

func (u *guardedUpload) Abort() {
	if err := u.store.guard.allow("s3:AbortMultipartUpload", u.store.name, u.key); err == nil {
		u.Upload.Abort()
	}
}

func (s *guardedStore) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := s.guard.allow("s3:GetObject", s.name, key); err != nil {
		return nil, err
	}
	return s.Store.Open(ctx, key)
}

func (s *guardedStore) Delete(ctx context.Context, key string) error {
	if err := s.guard.allow("s3:DeleteObject", s.name, key); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key)
}

func (s *guardedStore) List(ctx context.Context, prefix string) iter.Seq2[object.Info, error] {
	if err := s.guard.allow("s3:ListBucket", s.name, ""); err != nil {
		return func(yield func(object.Info, error) bool) { yield(object.Info{}, err) }
	}
	return s.Store.List(ctx, prefix)
}

func (s *guardedStore) Abandon(ctx context.Context, prefix string) error {
	if err := errors.Join(s.guard.allow("s3:ListBucketMultipartUploads", s.name, ""), s.guard.allow("s3:AbortMultipartUpload", s.name, path.Join(prefix, "x"))); err != nil {
		return err
	}
	return s.Store.Abandon(ctx, prefix)
}

// Link reads with the rights of whoever makes it.
func (s *guardedStore) Link(ctx context.Context, key, name string, good time.Duration) (string, error) {
	if err := s.guard.allow("s3:GetObject", s.name, key); err != nil {
		return "", err
	}
	return s.Store.Link(ctx, key, name, good)
}

// Queue guards a queue of SQS.
func (g *Guard) Queue(name string, q job.Queue) job.Queue { return &guardedQueue{q, g, name} }

type guardedQueue struct {
	job.Queue
	guard *Guard
	name  string
}

func (q *guardedQueue) Send(ctx context.Context, n job.Name) error {
	if err := q.guard.allow("sqs:SendMessage", q.name, ""); err != nil {
		return err
	}
	return q.Queue.Send(ctx, n)
}
