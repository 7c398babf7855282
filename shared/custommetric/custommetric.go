// Package custommetric reads and computes the expressions of Comm100's realtime
// custom metrics: + - * /, brackets and numbers over today's figures. In: an
// expression. Out: a program, or an error that names the place and the names that
// exist. It knows no storage and no reports.
package custommetric

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// MaxLength is how long an expression may be, in bytes.
const MaxLength = 1000

// Names are today's figures, in the blocks of realtime/today; a block's name may
// stand before a figure's: chatOverview.chats.
var Names = map[string][]string{
	"chatOverview":      {"chatRequests", "chats", "chatAcceptanceRate", "abandonedChats", "switchToMessages", "missedChats"},
	"serviceEfficiency": {"avgWaitTime", "avgChatTime", "avgResponseTime", "acceptedInvitations", "departmentTransferChats", "totalTransferChats"},
	"agentPerformance":  {"uniqueChatRate", "agentUtilization", "avgScore"},
	"chatbot":           {"chatbotOnlyChats", "chatsFromChatbotToAgent", "answers", "highConfidenceAnswers"},
}

// Program is an expression ready to be computed.
type Program struct{ program *vm.Program }

// Compile reads an expression.
func Compile(expression string) (*Program, error) {
	if len(expression) > MaxLength {
		return nil, fmt.Errorf("the expression has %d characters; at most %d are taken", len(expression), MaxLength)
	}
	tree, err := parser.Parse(expression)
	if err != nil {
		return nil, at(err)
	}
	check := &checker{}
	ast.Walk(&tree.Node, check)
	if check.err != nil {
		return nil, check.err
	}
	p, err := expr.Compile(expression, expr.Env(environment(nil)), expr.AsFloat64(), expr.Patch(divide{}),
		expr.Function("divide", func(v ...any) (any, error) {
			a, b := v[0].(float64), v[1].(float64)
			if b == 0 {
				return 0.0, nil
			}
			return a / b, nil
		}, new(func(a, b float64) float64)))
	if err != nil {
		return nil, at(err)
	}
	return &Program{p}, nil
}

// at says where an expression is wrong.
func at(err error) error {
	if where, ok := errors.AsType[*file.Error](err); ok {
		return fmt.Errorf("at character %d: %s; figures: %s", where.Column+1, where.Message, strings.Join(figures(), ", "))
	}
	return err
}

// Run computes the expression over figures; those that are missing are 0.
func (p *Program) Run(figures map[string]float64) float64 {
	out, err := expr.Run(p.program, environment(figures))
	v, ok := out.(float64)
	if err != nil || !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

func environment(figures map[string]float64) map[string]any {
	env := map[string]any{}
	for block, names := range Names {
		inner := map[string]float64{}
		for _, name := range names {
			inner[name] = figures[name]
			env[name] = figures[name]
		}
		env[block] = inner
	}
	return env
}

func figures() []string {
	var out []string
	for _, names := range Names {
		out = append(out, names...)
	}
	slices.Sort(out)
	return out
}

// checker lets arithmetic over known names pass and nothing else.
type checker struct{ err error }

func (c *checker) Visit(node *ast.Node) {
	if c.err != nil {
		return
	}
	refuse := func(what string) {
		c.err = fmt.Errorf("at character %d: %s; an expression has + - * /, brackets, numbers and figures: %s",
			(*node).Location().From+1, what, strings.Join(figures(), ", "))
	}
	switch n := (*node).(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
	case *ast.IdentifierNode:
		if _, block := Names[n.Value]; !block && !slices.Contains(figures(), n.Value) {
			refuse(fmt.Sprintf("there is no figure %q", n.Value))
		}
	case *ast.MemberNode:
		block, ok := n.Node.(*ast.IdentifierNode)
		name, isName := n.Property.(*ast.StringNode)
		if !ok || !isName || !slices.Contains(Names[block.Value], name.Value) {
			refuse("there is no such figure")
		}
	case *ast.UnaryNode:
		if n.Operator != "-" && n.Operator != "+" {
			refuse(fmt.Sprintf("operator %q is not known", n.Operator))
		}
	case *ast.BinaryNode:
		if !strings.Contains("+ - * /", n.Operator) {
			refuse(fmt.Sprintf("operator %q is not known", n.Operator))
		}
	default:
		refuse("this is no arithmetic")
	}
}

// divide makes a division by 0 be 0.
type divide struct{}

func (divide) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IntegerNode:
		ast.Patch(node, &ast.FloatNode{Value: float64(n.Value)})
	case *ast.BinaryNode:
		if n.Operator == "/" {
			ast.Patch(node, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "divide"}, Arguments: []ast.Node{n.Left, n.Right}})
		}
	}
}
