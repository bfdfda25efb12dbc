package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"
)

// walksCmd is `lab walks`: how far a reader goes who follows one thing through the code, for
// docs/architecture.md.
type walksCmd struct {
	Dir  string   `default:"." type:"existingdir" help:"A checkout of Mend, of today or of another day."`
	From []string `arg:"" optional:"" help:"Where walks begin, in place of those of today: NAME=PACKAGE.FUNCTION or NAME=PACKAGE.TYPE.METHOD."`
}

// Help is shown by --help.
func (walksCmd) Help() string {
	return `A walk reads a function from its first line to its last, and goes into each function of ours that is
called there, once. A stay is what is read in one file before the next; a return is a stay in a file where one has been
before; a climb is a step to a package that stands above the one that is left. A package stands above all that it
imports. A call of an interface is followed where one type alone implements it.`
}

// walks are those of docs/architecture.md.
var walks = []string{
	"from the clock to the queue=shared/dispatch.Dispatcher.Tick",
	"from the queue to the mail service=shared/sending.Service.Process",
	"from a mail to kept words=shared/receive.Service.Receive",
	"from the sign-up form to the queued letter=shared/account.SignUp.Join",
}

// Run prints the table.
func (c walksCmd) Run() error {
	if len(c.From) == 0 {
		c.From = walks
	}
	return printWalks(os.Stdout, c.Dir, c.From)
}

func printWalks(w io.Writer, dir string, from []string) error {
	code, err := readCode(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "| walk | functions | packages | stays | returns | climbs |")
	fmt.Fprintln(w, "|---|---:|---:|---:|---:|---:|")
	for _, walk := range from {
		name, function, _ := strings.Cut(walk, "=")
		if code.bodies[function] == nil {
			return fmt.Errorf("there is no function %s", function)
		}
		way := walker{code: code, functions: map[string]bool{}, files: map[string]bool{}, packages: map[string]bool{}}
		way.read(function)
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %d |\n",
			name, len(way.functions), len(way.packages), way.stays, way.returns, way.climbs)
	}
	return nil
}

// code is the product, as a reader sees it. Functions are named as in walks.
type code struct {
	files  *token.FileSet
	bodies map[string]*body
	only   map[string]string // a method of an interface → the one method that implements it
	above  map[string]int    // package → how many packages stand below it, one on the other
}

type body struct {
	pkg  *packages.Package
	decl *ast.FuncDecl
}

func readCode(dir string) (*code, error) {
	all, err := packages.Load(&packages.Config{
		Dir: dir,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes |
			packages.NeedTypesInfo | packages.NeedImports | packages.NeedModule,
	}, "./functions/...", "./shared/...", "./content/...", "./cmd/...")
	if err != nil {
		return nil, err
	}
	c := &code{bodies: map[string]*body{}, only: map[string]string{}, above: map[string]int{}}
	byPath := map[string]*packages.Package{}
	var concrete, interfaces []*types.Named
	for _, p := range all {
		for _, e := range p.Errors {
			err = errors.Join(err, e)
		}
		c.files, byPath[p.PkgPath] = p.Fset, p
		for _, file := range p.Syntax {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
					c.bodies[nameOf(p.TypesInfo.Defs[f.Name].(*types.Func))] = &body{p, f}
				}
			}
		}
		for _, name := range p.Types.Scope().Names() {
			t, ok := p.Types.Scope().Lookup(name).Type().(*types.Named)
			switch {
			case !ok || t.TypeParams().Len() > 0:
			case types.IsInterface(t):
				interfaces = append(interfaces, t)
			default:
				concrete = append(concrete, t)
			}
		}
	}
	for _, i := range interfaces {
		c.implement(i, concrete)
	}
	for path := range byPath {
		c.stand(byPath, path)
	}
	return c, err
}

// implement notes the methods of the one type that implements an interface, if it is one.
func (c *code) implement(i *types.Named, concrete []*types.Named) {
	var by []*types.Named
	for _, t := range concrete {
		if hasMethods(types.NewPointer(t), i.Underlying().(*types.Interface)) {
			by = append(by, t)
		}
	}
	if len(by) != 1 {
		return
	}
	for m := range i.Underlying().(*types.Interface).Methods() {
		implemented, _, _ := types.LookupFieldOrMethod(types.NewPointer(by[0]), true, by[0].Obj().Pkg(), m.Name())
		c.only[nameOf(m)] = nameOf(implemented.(*types.Func))
	}
}

// hasMethods compares by name: packages are read apart from one another, so their types are never
// the same ones.
func hasMethods(t types.Type, i *types.Interface) bool {
	set := types.NewMethodSet(t)
	for m := range i.Methods() {
		if set.Lookup(m.Pkg(), m.Name()) == nil {
			return false
		}
	}
	return i.NumMethods() > 0
}

func (c *code) stand(byPath map[string]*packages.Package, path string) int {
	p := byPath[path]
	if p == nil {
		return 0
	}
	if floor, ok := c.above[path]; ok {
		return floor
	}
	floor := 0
	for imported := range p.Imports {
		floor = max(floor, c.stand(byPath, imported)+1)
	}
	c.above[path] = floor
	return floor
}

// nameOf is a function's name as in walks.
func nameOf(f *types.Func) string {
	f = f.Origin()
	if f.Pkg() == nil {
		return f.Name()
	}
	_, pkg, _ := strings.Cut(f.Pkg().Path(), "/mend/")
	receiver := f.Signature().Recv()
	if receiver == nil {
		return pkg + "." + f.Name()
	}
	t := types.Unalias(receiver.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return pkg + "." + named.Obj().Name() + "." + f.Name()
	}
	return pkg + "." + f.Name()
}

// walker is on one walk.
type walker struct {
	*code
	functions, files, packages map[string]bool
	file, pkg                  string // where it is
	stays, returns, climbs     int
}

func (w *walker) read(function string) {
	w.functions[function] = true
	here := w.bodies[function]
	w.goTo(here)
	ast.Inspect(here.decl.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if called := w.called(here.pkg, call); called != "" && !w.functions[called] {
			w.read(called)
			w.goTo(here)
		}
		return true
	})
}

// called is the function of ours that is called, if it can be told and has a body.
func (w *walker) called(p *packages.Package, call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	var name *ast.Ident
	switch fun := fun.(type) {
	case *ast.Ident:
		name = fun
	case *ast.SelectorExpr:
		name = fun.Sel
	default:
		return ""
	}
	f, ok := p.TypesInfo.Uses[name].(*types.Func)
	if !ok {
		return ""
	}
	called := nameOf(f)
	called = cmp.Or(w.only[called], called)
	if w.bodies[called] == nil {
		return ""
	}
	return called
}

func (w *walker) goTo(b *body) {
	file := w.code.files.Position(b.decl.Pos()).Filename
	if file == w.file {
		return
	}
	w.stays++
	if w.files[file] {
		w.returns++
	}
	if w.above[b.pkg.PkgPath] > w.above[w.pkg] && w.pkg != "" {
		w.climbs++
	}
	w.file, w.pkg = file, b.pkg.PkgPath
	w.files[file], w.packages[w.pkg] = true, true
}
