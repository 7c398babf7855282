"""Prints the CloudFormation template that a SAM template is translated into: translate.py TEMPLATE."""

import json
import sys

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

with open(sys.argv[1], encoding="utf-8") as f:
    template = yaml_parse(f)

# The translation takes code that was uploaded; which, does not matter here.
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = {"Bucket": "code", "Key": "code"}

# No managed policies by name: each function's policy is written out.
json.dump(transform(template, {}, ManagedPolicyLoader(None)), sys.stdout, indent=1)
