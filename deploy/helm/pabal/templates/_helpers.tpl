{{/* What every name begins with. Dots would not be allowed in a connector id. */}}
{{- define "pabal.fullname" -}}
{{- $name := .Release.Name -}}
{{- if not (contains .Chart.Name $name) -}}{{- $name = printf "%s-%s" $name .Chart.Name -}}{{- end -}}
{{- $name | replace "." "-" | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/*
Where clients connect. Kubernetes gives every pod of the namespace variables named after each Service, and those of one whose name
begins with "pabal-" would look like Pabal's configuration to a pod that somebody runs beside the chart's.
*/}}
{{- define "pabal.serviceName" -}}
mqtt-{{ include "pabal.fullname" . }}
{{- end -}}

{{/* Called with (dict "root" $ "role" ROLE). */}}
{{- define "pabal.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "pabal.labels" -}}
{{ include "pabal.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* The YAML file of a role: what all have, with its own laid over. */}}
{{- define "pabal.config" -}}
{{- $config := mergeOverwrite (deepCopy .root.Values.config) (deepCopy (get .root.Values .role).config) -}}
{{- $http := .root.Values.http.port | int -}}
{{- if $http -}}{{- $_ := set $config "http" (dict "host" "0.0.0.0" "port" $http) -}}{{- end -}}
{{- range $section, $keys := $config -}}
{{- if not $keys -}}{{- $_ := unset $config $section -}}{{- end -}}
{{- end -}}
{{ toYaml $config }}
{{- end -}}

{{/* Seconds that a pod of the role may take to leave: the role closes within 30 s, a connector after it has drained. */}}
{{- define "pabal.graceSeconds" -}}
{{- if eq .role "connector" -}}
{{- $drain := dig "drain" "timeoutSeconds" 60 .root.Values.connector.config | int -}}
{{- add $drain .root.Values.connector.preStopSeconds 45 -}}
{{- else -}}
45
{{- end -}}
{{- end -}}

{{- define "pabal.redisSecretName" -}}
{{- .Values.redis.existingSecret.name | default (printf "%s-redis" (include "pabal.fullname" .)) -}}
{{- end -}}

{{- define "pabal.env" -}}
{{- if eq .role "connector" }}
- name: PABAL_CONNECTOR_ID
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}
{{- if ne .role "router" }}
- name: PABAL_REDIS_URI
  valueFrom:
    secretKeyRef:
      name: {{ include "pabal.redisSecretName" .root }}
      key: {{ .root.Values.redis.existingSecret.key }}
{{- with .root.Values.redis.auth.existingSecret }}
{{- if .name }}
{{- if .userKey }}
- name: PABAL_REDIS_USER
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .userKey }}
{{- end }}
- name: PABAL_REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .passwordKey }}
{{- end }}
{{- end }}
{{- if .root.Values.redis.ca.existingSecret.name }}
- name: PABAL_REDIS_CA_FILE
  value: /etc/pabal-redis/ca.crt
{{- end }}
{{- end }}
{{- with .root.Values.schemaRegistry.url }}
- name: PABAL_SCHEMA_REGISTRY_URL
  value: {{ . | quote }}
{{- end }}
{{- with (get .root.Values .role).javaOptions }}
- name: JDK_JAVA_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "pabal.probes" -}}
{{- if .root.Values.http.port -}}
startupProbe:
  httpGet: {path: /health/live, port: http}
  periodSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /health/live, port: http}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /health/ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 3
{{- else if eq .role "connector" -}}
readinessProbe:
  tcpSocket: {port: mqtt}
  periodSeconds: 5
{{- end -}}
{{- end -}}

{{/* The pod of a role. */}}
{{- define "pabal.podTemplate" -}}
{{- $root := .root -}}
{{- $role := .role -}}
{{- $values := get $root.Values $role -}}
metadata:
  labels:
    {{- include "pabal.labels" . | nindent 4 }}
  annotations:
    pabal.io/config: {{ include "pabal.config" . | sha256sum }}
    {{- if $root.Values.http.port }}
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ $root.Values.http.port | quote }}
    prometheus.io/path: /metrics
    {{- end }}
spec:
  terminationGracePeriodSeconds: {{ include "pabal.graceSeconds" . }}
  automountServiceAccountToken: false
  # Kubernetes would add variables such as PABAL_CONNECTOR_PORT, which look like configuration.
  enableServiceLinks: false
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "pabal.selectorLabels" $ | nindent 10 }}
    {{- end }}
  containers:
    - name: {{ $role }}
      image: {{ printf "%s:%s" $root.Values.image.repository ($root.Values.image.tag | default $root.Chart.AppVersion) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ $role }}, --config, /etc/pabal/{{ $role }}.yaml]
      {{- with include "pabal.env" . | trim }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      {{- if or (eq $role "connector") $root.Values.http.port }}
      ports:
        {{- if eq $role "connector" }}
        - name: mqtt
          containerPort: {{ $values.config.listener.port }}
        {{- end }}
        {{- if $root.Values.http.port }}
        - name: http
          containerPort: {{ $root.Values.http.port }}
        {{- end }}
      {{- end }}
      {{- with include "pabal.probes" . }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- if and (eq $role "connector") $values.preStopSeconds }}
      lifecycle:
        preStop:
          exec:
            command: [sleep, {{ $values.preStopSeconds | quote }}]
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - name: config
          mountPath: /etc/pabal
          readOnly: true
        - name: tmp
          mountPath: /tmp
        {{- if and (ne $role "router") $root.Values.redis.ca.existingSecret.name }}
        - name: redis-ca
          mountPath: /etc/pabal-redis
          readOnly: true
        {{- end }}
        {{- if eq $role "router" }}
        - name: state
          mountPath: /var/lib/pabal
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "pabal.fullname" $root }}-{{ $role }}
    - name: tmp
      emptyDir: {}
    {{- if and (ne $role "router") $root.Values.redis.ca.existingSecret.name }}
    - name: redis-ca
      secret:
        secretName: {{ $root.Values.redis.ca.existingSecret.name }}
        items:
          - key: {{ $root.Values.redis.ca.existingSecret.key }}
            path: ca.crt
    {{- end }}
    {{- if and (eq $role "router") (not $values.persistence.enabled) }}
    - name: state
      emptyDir: {}
    {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
