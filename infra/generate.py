#!/usr/bin/env python3
"""Write the parts of template.yaml that follow from the folders: agents, state machines, a log group per function.

    python3 infra/generate.py            write
    python3 infra/generate.py --check    fail when template.yaml is stale or does not name a function's folder

A folder under `functions/agents` becomes an agent; `statemachines/generated/<id>-v<N>.asl.json` becomes a state machine,
unless its workflow is only planned.
The other functions are written by hand, because each has its own triggers and permissions; their names are checked.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "infra" / "template.yaml"
CATALOG = ROOT / "statemachines" / "catalog"
MACHINES = ROOT / "statemachines" / "generated"
# Folders whose children are functions; `api` is one itself.
GROUPS = ("intake", "steps", "tracking", "channels", "agents")

AGENT = """\
{id}:
  Type: AWS::Serverless::Function
  Properties:
    FunctionName: !Sub ${{Stage}}-{name}
    Description: Agent.
    CodeUri: ../target/lambda/{name}/
    Timeout: 45
    LoggingConfig: {{LogGroup: !Ref {id}Logs}}
    Environment:
      Variables:
        PROVIDER_BASE_URL: !Ref ProviderBaseUrl
{plaid}    ReservedConcurrentExecutions: !If [LimitAgents, !Ref AgentConcurrency, !Ref AWS::NoValue]
"""

# Only for agents that use Plaid.
PLAID = """\
        PLAID_BASE_URL: !Ref PlaidBaseUrl
        PLAID_CLIENT_ID: !If [HasPlaidSecret, !Sub "{{resolve:secretsmanager:${PlaidSecret}:SecretString:client_id}}", sandbox]
        PLAID_SECRET: !If [HasPlaidSecret, !Sub "{{resolve:secretsmanager:${PlaidSecret}:SecretString:secret}}", sandbox]
"""

LOG_GROUP = """\
{id}Logs: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: !Sub "/aws/lambda/${{Stage}}-{name}", RetentionInDays: !Ref LogRetentionDays}}}}
{id}Errors:
  Type: AWS::Logs::MetricFilter
  Properties: {{LogGroupName: !Ref {id}Logs, FilterPattern: '{{ $.level = "ERROR" }}', MetricTransformations: [{{MetricNamespace: !Sub "${{Stage}}/workflows", MetricName: Errors, MetricValue: "1"}}]}}
"""

MACHINE = """\
{id}:
  Type: AWS::Serverless::StateMachine
  Properties:
    Name: !Sub ${{Stage}}-{name}
    DefinitionUri: {definition}
{substitutions}    Role: !GetAtt StateMachineRole.Arn
    Logging:
      Level: ERROR
      IncludeExecutionData: false
      Destinations: [{{CloudWatchLogsLogGroup: {{LogGroupArn: !GetAtt StateMachineLogs.Arn}}}}]
"""


class Mismatch(Exception):
    """The template and the folders disagree."""


def functions():
    """Every function's name, by group."""
    found = {group: [] for group in GROUPS}
    for group in GROUPS:
        folder = ROOT / "functions" / group
        found[group] = sorted(path.parent.name for path in folder.glob("*/Cargo.toml"))
    found["api"] = ["api"]
    return found


def logical_id(name):
    """`bill-negotiator` -> `BillNegotiator`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def substitutions(definition, names):
    """`DefinitionSubstitutions` for the placeholders of a definition, each of which names a function."""
    by_id = {logical_id(name): name for name in names}
    lines = []
    for placeholder in sorted(set(re.findall(r"\$\{([A-Za-z0-9]+)\}", definition))):
        target = re.sub(r"(Function)?(Arn|Name)?$", "", placeholder)
        if target not in by_id:
            raise Mismatch(f"a state machine refers to ${{{placeholder}}}, but there is no function for it")
        lines.append(f"      {placeholder}: !GetAtt {target}.Arn\n")
    return "    DefinitionSubstitutions:\n" + "".join(lines) if lines else ""


def agent(name):
    """The function of an agent, with the credentials of the providers it names."""
    sources = (ROOT / "functions" / "agents" / name / "src").glob("**/*.rs")
    uses_plaid = any("Provider::Plaid" in source.read_text(encoding="utf-8") for source in sources)
    return AGENT.format(id=logical_id(name), name=name, plaid=PLAID if uses_plaid else "")


def machine(name, definition, file):
    """The state machine of a definition that stands in `file`."""
    names = [name for group in functions().values() for name in group]
    return MACHINE.format(id=logical_id(name), name=name, definition=file, substitutions=substitutions(definition, names))


def blocks():
    """The text of each generated block, without its indentation."""
    by_group = functions()
    names = [name for group in by_group.values() for name in group]
    machines = sorted((path for path in MACHINES.glob("*-v*.asl.json") if available(path)), key=machine_order)
    return {
        "agent-arns": "".join(
            f"- !Sub arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:${{Stage}}-{name}\n"
            for name in by_group["agents"]
        ),
        "agents": "\n".join(agent(name) for name in by_group["agents"]),
        "logs": "".join(LOG_GROUP.format(id=logical_id(name), name=name) for name in sorted(names)),
        "state-machines": "\n".join(
            machine(path.name.removesuffix(".asl.json"), path.read_text(encoding="utf-8"), f"../statemachines/generated/{path.name}")
            for path in machines
        ),
    }


def machine_order(path):
    """By workflow, then by version as a number."""
    workflow, _, version = path.name.removesuffix(".asl.json").rpartition("-v")
    return workflow, int(version)


def available(path):
    """Whether the catalog offers the workflow of a definition; a planned one is never run."""
    workflow, version = machine_order(path)
    source = CATALOG / workflow / f"{version}.yaml"
    if not source.is_file():
        raise Mismatch(f"statemachines/generated/{path.name} comes from no file of the catalog: run `make generate`")
    return re.search(r"^status: planned\b", source.read_text(encoding="utf-8"), re.MULTILINE) is None


def filled(template):
    """The template with each generated block replaced."""
    for name, text in blocks().items():
        pattern = re.compile(rf"^( *)# <generated {name}>\n.*?^ *# </generated {name}>\n", re.MULTILINE | re.DOTALL)
        match = pattern.search(template)
        if match is None:
            raise Mismatch(f"infra/template.yaml has no block <generated {name}>")
        indent = match.group(1)
        body = "".join(f"{indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))
        block = f"{indent}# <generated {name}>\n{body}{indent}# </generated {name}>\n"
        template = template[: match.start()] + block + template[match.end() :]
    return template


def unmatched(template):
    """Functions that only the folders or only the template know."""
    names = {name for group in functions().values() for name in group}
    deployed = set(re.findall(r"CodeUri: \.\./target/lambda/([a-z0-9-]+)/", template))
    named = set(re.findall(r"FunctionName: !Sub \$\{Stage\}-([a-z0-9-]+)", template))
    problems = [f"functions/**/{name} is not in infra/template.yaml" for name in sorted(names - deployed)]
    problems += [f"infra/template.yaml deploys {name}, which has no folder" for name in sorted(deployed - names)]
    problems += [f"the function of {name} must be named ${{Stage}}-{name}" for name in sorted(deployed - named)]
    return problems


def main():
    """Write or check; 1 when the check fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is stale")
    check = parser.parse_args().check
    current = TEMPLATE.read_text(encoding="utf-8")
    try:
        wanted = filled(current)
    except Mismatch as problem:
        print(f"infra: {problem}", file=sys.stderr)
        return 1
    problems = unmatched(wanted)
    if check and wanted != current:
        problems.append("infra/template.yaml is stale: run `make generate`")
    if not check and wanted != current:
        TEMPLATE.write_text(wanted, encoding="utf-8")
        print("wrote infra/template.yaml")
    for problem in problems:
        print(f"infra: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
