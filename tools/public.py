"""List public names that have no documentation, no example or no test; none is the only good answer.

    python tools/public.py

Documentation is a docstring, and a comment (docment) for each argument of a function; an example is a use in a cell that is not exported; a test is a
use in such a cell that asserts something. Constants are not asked: each is shown where it is defined.
"""
import ast, importlib, inspect, json, pkgutil, re, sys

import dacl
from fastcore.docments import docments
from nbdev.config import get_config


def cells(folder):
    "Names that a cell uses, and whether it asserts something, for each cell that is run and not exported"
    for path in sorted(folder.rglob('*.ipynb')):
        for c in json.loads(path.read_text())['cells']:
            code = ''.join(c['source'])
            if c['cell_type'] != 'code' or re.match(r'#\|\s*exporti?s?\b', code): continue
            try: tree = ast.parse(re.sub(r'^[%!].*', '', code, flags=re.M))
            except SyntaxError: continue
            used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
            yield used, any(isinstance(n, ast.Assert) for n in ast.walk(tree)) or any(re.match(r'(test|assert)_', u) for u in used)


def public():
    "Dotted name, last name and object of whatever the modules export, public methods included"
    for m in pkgutil.iter_modules(dacl.__path__):
        module = importlib.import_module(f'dacl.{m.name}')
        for name in getattr(module, '__all__', ()):
            if not callable(o := getattr(module, name)): continue
            yield f'{m.name}.{name}', name, o
            if inspect.isclass(o):
                for k,f in vars(o).items():
                    if not k.startswith('_') and k != 'extra_repr' and callable(getattr(o, k)) and not inspect.isclass(f) and f'dacl.{m.name}' == getattr(getattr(o, k), '__module__', ''): yield f'{m.name}.{name}.{k}', k, getattr(o, k)


def undocumented(o):
    "What the documentation of a function or class leaves out"
    if not o.__doc__: return 'docstring'
    if inspect.isclass(o): return ''
    plain = [k for k,p in inspect.signature(o).parameters.items() if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    return ', '.join(k for k,v in docments(o, returns=False).items() if not v and k in plain and k not in ('self', 'cls'))


if __name__ == '__main__':
    seen = list(cells(get_config().nbs_path)); shown = set().union(*(u for u,_ in seen)); tested = set().union(*(u for u,t in seen if t))
    def lacks(name, o):
        d = undocumented(o)
        return [w for w,bad in ((f'documentation ({d})', d), ('example', name not in shown), ('test', name not in tested)) if bad]
    names = list(public()); wrong = [(full, w) for full,name,o in names if (w := lacks(name, o))]
    for full,w in wrong: print(f"{full}: no {', no '.join(w)}")
    print(f'{len(names)} public names, {len(wrong)} incomplete')
    sys.exit(bool(wrong))
