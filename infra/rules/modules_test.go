package rules

import (
	"strconv"
	"strings"
	"testing"
)

// proxy was archived in May 2025. It was asked for by name, and so stands in one file, where it can be replaced.
const proxy = "github.com/awslabs/aws-lambda-go-api-proxy"

// direct are the modules that the code imports, and what for. Before adding one, see that it is not archived or
// deprecated, that someone looks after it, and that a module already here does not do the same.
var direct = map[string]string{
	"github.com/adhocore/gronx":                            "cron expressions",
	"github.com/agnivade/levenshtein":                      "the name that was probably meant",
	"github.com/aws/aws-lambda-go":                         "Lambda's runtime and its events",
	"github.com/aws/aws-sdk-go-v2":                         "DynamoDB, S3 and SQS",
	"github.com/aws/aws-sdk-go-v2/config":                  "DynamoDB, S3 and SQS",
	"github.com/aws/aws-sdk-go-v2/credentials":             "DynamoDB, S3 and SQS",
	"github.com/aws/aws-sdk-go-v2/service/dynamodb":        "DynamoDB",
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams": "DynamoDB's streams",
	"github.com/aws/aws-sdk-go-v2/service/s3":              "files",
	"github.com/aws/aws-sdk-go-v2/service/sqs":             "the queue of jobs",
	"github.com/aws/smithy-go":                             "what AWS's services answer",
	"github.com/cenkalti/backoff/v7":                       "waiting before trying again",
	"github.com/expr-lang/expr":                            "the formulas of custom metrics",
	"github.com/fxamacker/cbor/v2":                         "what is stored",
	"github.com/google/uuid":                               "ids of jobs, of the form that the vendor's have",
	"github.com/jackc/pgx/v5":                              "the benchmark's peer",
	"github.com/klauspost/compress":                        "what is stored, and gzipped answers",
	"github.com/lanrat/extsort":                            "rows that are too many for memory, in order",
	"github.com/parquet-go/parquet-go":                     "files in Parquet",
	"github.com/spf13/pflag":                               "flags of the load generator",
	"github.com/pb33f/libopenapi":                          "whether the OpenAPI document is one",
	"github.com/pb33f/libopenapi-validator":                "whether what is answered is what it says",
	"github.com/chromedp/cdproto":                          "what browsers are told in tests of pages",
	"github.com/chromedp/chromedp":                         "a browser that tests of pages use",
	"github.com/yuin/goldmark":                             "the documentation's Markdown as HTML",
	"go.etcd.io/bbolt":                                     "the embedded engine",
	"go.yaml.in/yaml/v3":                                   "template.yaml and the tenants' file",
	"golang.org/x/net":                                     "the dashboard's tests read HTML",
	"golang.org/x/sync":                                    "calls in parallel",
	"golang.org/x/time":                                    "the load generator's rate",
	"golang.org/x/tools":                                   "scenario files are txtar",
	proxy:                                                  "API Gateway's events as HTTP requests",
}

// required are the modules that go.mod requires.
func required(t *testing.T) []string {
	t.Helper()
	var modules []string
	in := false
	for line := range strings.Lines(read(t, "go.mod")) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case fields[0] == "require" && fields[1] == "(":
			in = true
		case fields[0] == "require":
			modules = append(modules, fields[1])
		case fields[0] == ")":
			in = false
		case in:
			modules = append(modules, fields[0])
		}
	}
	return modules
}

// imports gives, per module that the code imports, the files that do.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	modules := required(t)
	used := map[string][]string{}
	for _, list := range goFiles(t) {
		for _, f := range list {
			for _, spec := range f.Imports {
				imported, _ := strconv.Unquote(spec.Path.Value)
				if m := moduleOf(imported, modules); m != "" {
					used[m] = append(used[m], f.name)
				}
			}
		}
	}
	return used
}

// moduleOf is the longest module path that the import path begins with.
func moduleOf(imported string, modules []string) string {
	longest := ""
	for _, m := range modules {
		if len(m) > len(longest) && strings.HasPrefix(imported+"/", m+"/") {
			longest = m
		}
	}
	return longest
}

func TestGoModReplacesNothing(t *testing.T) {
	for line := range strings.Lines(read(t, "go.mod")) {
		if fields := strings.Fields(line); len(fields) > 0 && (fields[0] == "replace" || fields[0] == "exclude") {
			t.Errorf("go.mod: %s: a module that others can import has no such line", strings.TrimSpace(line))
		}
	}
}

func TestDirectDependenciesWereLookedAt(t *testing.T) {
	used := imports(t)
	for m, names := range used {
		if direct[m] == "" {
			t.Errorf("%s imports %s, which is not in the list above; look at it as the list says, then add it", names[0], m)
		}
	}
	for m := range direct {
		if len(used[m]) == 0 {
			t.Errorf("%s is in the list above, and nothing imports it", m)
		}
	}
}

func TestTheArchivedProxyIsInOneFile(t *testing.T) {
	if names := imports(t)[proxy]; len(names) != 1 {
		t.Errorf("%s is imported by %v; it should be imported in exactly one file", proxy, names)
	}
}
