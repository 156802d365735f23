{{/* `fengqiao migrate` for one centre: under an advisory lock, forward only; on a schema that is newer it does nothing. */}}
{{- define "fengqiao.node.migrateContainer" -}}
image: {{ include "fengqiao.image" . | quote }}
imagePullPolicy: {{ .node.image.pullPolicy }}
command: [fengqiao]
args: [migrate, --centre, {{ .node.centre | quote }}]
env:
  - {name: LANG, value: C.UTF-8}
  - {name: HOME, value: /tmp}
  {{- include "fengqiao.node.env.database" . | nindent 2 }}
securityContext: {{- include "fengqiao.container.security" . | nindent 2 }}
resources: {{- toYaml .node.resources | nindent 2 }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- include "fengqiao.node.mounts" . | nindent 2 }}
{{- end }}

{{/*
Before a release is installed or upgraded, so that no new program meets an old schema; the old one goes on meanwhile,
because migrations first expand and later contract. Hooks come before everything else, so this one brings its own list.
*/}}
{{- define "fengqiao.node.migrateHook" -}}
{{- if eq .node.migrations.mode "hook" }}
{{- $hook := dict "helm.sh/hook" "pre-install,pre-upgrade" }}
{{- if .node.topology.csv }}
---
{{ include "fengqiao.node.topologyConfigMap" (merge (dict "suffix" "-migrate" "annotations" (merge (dict "helm.sh/hook-weight" "-10" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded") $hook)) .) }}
{{- end }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "fengqiao.node.fullname" . }}-migrate
  labels: {{- include "fengqiao.node.labels" . | nindent 4 }}
  annotations:
    {{- toYaml $hook | nindent 4 }}
    helm.sh/hook-weight: "0"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: {{ .node.migrations.retries }}
  activeDeadlineSeconds: {{ .node.migrations.deadlineSeconds }}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: fengqiao-migrate
        app.kubernetes.io/instance: {{ .root.Release.Name }}
        app.kubernetes.io/part-of: fengqiao
        fengqiao-centre: {{ .node.centre | quote }}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      serviceAccountName: {{ .node.serviceAccountName | quote }}
      securityContext: {{- include "fengqiao.pod.security" . | nindent 8 }}
      {{- with .node.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .node.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .node.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: migrate
          {{- include "fengqiao.node.migrateContainer" . | nindent 10 }}
      volumes:
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        {{- $map := ternary (printf "%s-topology-migrate" (include "fengqiao.node.fullname" .)) .node.topology.configMap.name (not (empty .node.topology.csv)) }}
        {{- include "fengqiao.node.volumes" (merge (dict "map" $map) .) | nindent 8 }}
{{- end }}
{{- end }}
